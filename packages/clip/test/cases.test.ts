/** Situations from public bug reports about CLIPs, with open_clip's own numbers: see golden/open_clip_vit. */
import { readFileSync } from "node:fs";
import { CheckpointError, type FileBytes, init, intTensor, noGrad, tensor } from "@x/layers";
import { expectClose, inFolder } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { CLIP } from "../src/index.ts";
import { goldenFolder, goldenInputs, readGolden } from "./golden.ts";

const read = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(`${goldenFolder("open_clip_vit")}/${file}`));
const text = (json: object): FileBytes => new TextEncoder().encode(JSON.stringify(json));
const weights = read("model.safetensors");

interface Settings {
  readonly model_cfg: { readonly vision_cfg: object; readonly text_cfg: object };
}
const settings = JSON.parse(new TextDecoder().decode(read("open_clip_config.json"))) as Settings;

const files = (config: object): Map<string, FileBytes> =>
  new Map([
    ["open_clip_config.json", text(config)],
    ["open_clip_model.safetensors", weights],
  ]);

async function expectOpenClips(model: CLIP): Promise<void> {
  const golden = await readGolden("open_clip_vit");
  noGrad(() => expectClose(model.forward(...goldenInputs(golden)).logits.toTypedArray(), golden.values("logits"), "logits"));
}

beforeAll(() => init());

test("a run's weights by themselves: the options say what they can't (mlfoundations/open_clip#771, #915, RAIVNLab/sugar-crepe#7)", async () => {
  const config = { visionConfig: { hiddenAct: "gelu", numAttentionHeads: 3 }, textConfig: { hiddenAct: "gelu", numAttentionHeads: 2 } };
  using model = await CLIP.fromPretrained(weights, { config });
  await expectOpenClips(model);
  expect(model.notes).toEqual([expect.stringContaining("taken as OpenAI's, with QuickGELU and heads of 64 channels")]);
  using whole = await CLIP.fromPretrained(files(settings));
  expect(whole.notes).toEqual([]);
});

test("timm's repositories have an image encoder beside the whole, and timm's config.json (timm/vit_base_patch16_clip_224.openai)", async () => {
  const timm = { architecture: "vit_base_patch16_clip_224", num_classes: 512, num_features: 768, pretrained_cfg: { mean: [0, 0, 0] } };
  const repository = files(settings).set("config.json", text(timm)).set("model.safetensors", new Uint8Array(3));
  using model = await CLIP.fromPretrained(repository);
  await expectOpenClips(model);
  expect(model.notes).toEqual([]);
  await expect(CLIP.fromPretrained(repository, { file: "model.safetensors" })).rejects.toThrow(CheckpointError);
});

describe("settings of open_clip's are followed, or refused by name", () => {
  const changed = (tower: "vision_cfg" | "text_cfg", change: object): object => ({
    ...settings,
    model_cfg: { ...settings.model_cfg, [tower]: { ...settings.model_cfg[tower], ...change } },
  });

  test.each([
    ["vision_cfg", { pool_type: "none" }, 'vision_cfg: pool_type is "none", which can\'t be followed'],
    ["text_cfg", { pool_type: "none" }, 'text_cfg: pool_type is "none", which can\'t be followed'],
    ["text_cfg", { tokenizer_kwargs: { reduction_mask: "syntax" } }, 'tokenizer_kwargs: reduction_mask is "syntax"'],
    ["vision_cfg", { image_size: 32 }, "vision_cfg: image_size isn't what the weights are for (expected "],
    ["vision_cfg", { image_size: [16, 32] }, "vision_cfg: image_size isn't what the weights are for"],
    ["text_cfg", { context_length: 77 }, "text_cfg: context_length isn't what the weights are for (expected "],
    ["vision_cfg", { timm_model_name: "vit_base_patch16_224" }, "vision_cfg: timm_model_name is"],
    ["text_cfg", { hf_model_name: "roberta-base" }, "text_cfg: hf_model_name is"],
    ["text_cfg", { norm_kwargs: { bias: false } }, "norm_kwargs: bias is false"],
  ] as const)("%s: %o", async (tower, change, problem) => {
    const loading = CLIP.fromPretrained(files(changed(tower, change)));
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(problem);
  });

  test.each([
    ["vision_cfg", { pool_type: "tok", patch_dropout: 0.5 }],
    ["text_cfg", { pool_type: "argmax", pad_id: 0 }],
  ] as const)("%s: %o", async (tower, change) => {
    using model = await CLIP.fromPretrained(files(changed(tower, change)));
    await expectOpenClips(model);
    expect(model.notes).toEqual([]);
  });

  test("how pictures come in", async () => {
    const cfg = { mean: 0.5, std: [0.25, 0.5, 0.75], interpolation: "bilinear", resize_mode: "squash", size: 16 };
    using model = await CLIP.fromPretrained(files({ ...settings, preprocess_cfg: cfg }));
    const { size, cropSize, resample, imageMean, imageStd } = model.processor.config;
    expect({ size, cropSize, resample }).toEqual({ size: { height: 16, width: 16 }, cropSize: undefined, resample: "bilinear" });
    expect({ imageMean, imageStd }).toEqual({ imageMean: [0.5, 0.5, 0.5], imageStd: [0.25, 0.5, 0.75] });
    const longest = CLIP.fromPretrained(files({ ...settings, preprocess_cfg: { resize_mode: "longest" } }));
    await expect(longest).rejects.toThrow('preprocess_cfg: resize_mode is "longest"');
  });

  test("what nobody knows is noted", async () => {
    using model = await CLIP.fromPretrained(files(changed("vision_cfg", { rotary: 1 })));
    expect(model.notes).toEqual(['open_clip_config.json: vision_cfg: "rotary" isn\'t known here and was passed over']);
  });
});

test("settings that there aren't, in a tower", async () => {
  const loading = CLIP.fromPretrained(files(settings), { config: { visionConfig: { hidden_act: "gelu" } as object } });
  await expect(loading).rejects.toThrow('"hidden_act" came: is hiddenAct meant?');
});

interface Expected {
  readonly input_ids: readonly (readonly number[])[];
  readonly settings: Readonly<
    Record<string, { readonly model_cfg: object; readonly images: readonly number[]; readonly texts: readonly number[] }>
  >;
}

describe("open_clip's settings, on the same weights: golden/open_clip_settings", () => {
  const folder = goldenFolder("open_clip_settings");
  const expected = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Expected;
  const bytes = new Uint8Array(readFileSync(`${folder}/open_clip_model.safetensors`));
  const pixels = Float32Array.from({ length: 1536 }, (_, i) => (i % 97) / 48 - 1);
  const place = (model_cfg: object): Map<string, FileBytes> =>
    new Map([
      ["open_clip_config.json", text({ model_cfg })],
      ["open_clip_model.safetensors", bytes],
    ]);

  test.each(Object.entries(expected.settings))("%s", async (name, { model_cfg, images, texts }) => {
    const expectOutputs = (model: CLIP): void =>
      noGrad(() => {
        const ids = intTensor(expected.input_ids.flat(), [2, 8]);
        const { imageEmbeddings, textEmbeddings } = model.forward(tensor(pixels, [2, 3, 16, 16]), ids);
        expectClose(imageEmbeddings.toTypedArray(), images, "images");
        expectClose(textEmbeddings.toTypedArray(), texts, "texts");
      });
    using model = await CLIP.fromPretrained(place(model_cfg), { strict: !name.includes("no norm") && name !== "CLIPA" });
    expectOutputs(model);
    await inFolder(async (saved) => {
      await model.savePretrained(saved);
      using again = await CLIP.fromPretrained(saved);
      expect(again.config).toEqual(model.config);
      expectOutputs(again);
    });
  });

  const tokens = JSON.parse(readFileSync(`${folder}/tokens.json`, "utf8")) as {
    readonly texts: readonly string[];
    readonly rows: readonly { readonly kwargs: object; readonly ids: readonly (readonly number[])[] }[];
  };
  test.each(tokens.rows)("another's tokenizer, as open_clip uses it: $kwargs", async ({ kwargs, ids }) => {
    const { model_cfg = {} } = expected.settings["last"] ?? {};
    const text_cfg = { pool_type: "last", heads: 2, hf_tokenizer_name: "a/name", tokenizer_kwargs: kwargs };
    const beside = ["vocab.txt", "tokenizer_config.json"].map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))] as const);
    using model = await CLIP.fromPretrained(new Map([...place({ ...model_cfg, text_cfg }), ...beside]));
    const idsOf = ({ tokenizer }: CLIP): number[][] =>
      tokens.texts.map((one) => {
        const found = tokenizer?.encode(one, { maxLength: 10, truncation: "first" }).ids ?? [];
        return Array.from({ length: 10 }, (_, i) => found[i] ?? 0);
      });
    expect(idsOf(model)).toEqual(ids);
    await inFolder(async (saved) => {
      await model.savePretrained(saved);
      using again = await CLIP.fromPretrained(saved);
      expect(idsOf(again)).toEqual(ids);
    });
  });

  test("texts that are read whole are padded to their most tokens", async () => {
    using model = await CLIP.fromPretrained(place(expected.settings["last"]?.model_cfg ?? {}));
    noGrad(() => {
      const whole = model.encodeTexts(intTensor([[58, 5, 9, 59, 0, 0, 0, 0]]));
      const short = model.encodeTexts(intTensor([[58, 5, 9, 59]]));
      const masked = model.encodeTexts(intTensor([[58, 5, 9, 59, 59]]), intTensor([[1, 1, 1, 1, 0]]));
      expect(short.toTypedArray()).toEqual(whole.toTypedArray());
      expect(masked.toTypedArray()).toEqual(whole.toTypedArray());
    });
  });
});
