/** Situations from public bug reports about models that see, with what transformers 5.24 makes of them: tiny models in golden/cases. */
import { readFileSync } from "node:fs";
import { ArgumentError, CheckpointError, type FileBytes, init, liveBytes, type SourceLocation } from "@x/layers";
import { inFolder } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { classify, MLPMixer, Swin, ViT } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

const read = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(`${goldenFolder("cases")}/${file}`));
const photo = read("photo.png");

/** A case's files, its config with other settings. */
function files(name: string, settings: object = {}): Map<string, FileBytes> {
  const config = { ...(JSON.parse(new TextDecoder().decode(read(`${name}/config.json`))) as object), ...settings };
  return new Map<string, FileBytes>([
    ["config.json", new TextEncoder().encode(JSON.stringify(config))],
    ...["model.safetensors", "preprocessor_config.json"].map((file) => [file, read(`${name}/${file}`)] as const),
  ]);
}

const scores = (found: readonly { label: string; probability: number }[]): [string, number][] =>
  found.map(({ label, probability }) => [label, expect.closeTo(probability, 5) as number]);

const viT = (where: SourceLocation): Promise<ViT> => ViT.fromPretrained(where);
const swin = (where: SourceLocation): Promise<Swin> => Swin.fromPretrained(where);

beforeAll(() => init());

describe("what the outputs are (huggingface/transformers#28433, huggingface/huggingface.js#429)", () => {
  test.each([
    ["vit-multilabel", viT, [["LABEL_3", 0.926073], ["LABEL_2", 0.876317], ["LABEL_1", 0.268757], ["LABEL_0", 0.159208]]],
    ["vit-one-output", viT, [["LABEL_0", 0.076407]]],
    ["swin-multilabel", swin, [["LABEL_2", 0.722181], ["LABEL_1", 0.660836], ["LABEL_0", 0.561071]]],
  ] as const)("%s: each class has its own sigmoid", async (name, load, right) => {
    const before = liveBytes();
    {
      using model = await load(files(name));
      const found = await classify(model, photo);
      expect(scores(found)).toEqual(right);
      await inFolder(async (folder) => {
        await model.savePretrained(folder);
        using again = await load(folder);
        expect(again.config).toEqual(model.config);
        expect(await classify(again, photo)).toEqual(found);
      });
    }
    expect(liveBytes()).toBe(before);
  }); // prettier-ignore

  test("a quantity stays as it is", async () => {
    const before = liveBytes();
    {
      using model = await ViT.fromPretrained(files("vit-regression"));
      expect(scores(await classify(model, photo))).toEqual([["LABEL_0", -2.492199]]);
    }
    expect(liveBytes()).toBe(before);
  });

  test("a problem type that nobody knows is refused", async () => {
    await expect(ViT.fromPretrained(files("vit", { problem_type: "ranking" }))).rejects.toThrow(
      'config.json: problem_type can\'t be followed (expected single_label_classification, multi_label_classification, regression, found "ranking")',
    );
  });
});

const right = [["LABEL_2", 0.775627], ["LABEL_1", 0.122651], ["LABEL_0", 0.101722]]; // prettier-ignore

describe("sizes as pairs (huggingface/transformers#35280)", () => {
  test.each([{ image_size: [16, 16] }, { image_size: [16, 16], patch_size: [8, 8] }, { image_size: [16] }])("%o", async (settings) => {
    using model = await ViT.fromPretrained(files("vit", settings));
    expect(scores(await classify(model, photo))).toEqual(right);
    expect(model.notes).toEqual([]);
  });

  test.each([
    [viT, "vit", { image_size: [16, 24, 8] }, "image_size can't be followed (expected a side of 1 to 65536 pixels, or two, of height and width, found [16,24,8])"],
    [viT, "vit", { model_type: "dinov2", image_size: [16, 24] }, "image_size can't be followed (expected a side of 1 to 65536 pixels, found [16,24])"],
    [viT, "vit", { patch_size: [8, 4] }, "patch_size can't be followed (expected a whole number from 1 on, found [8,4])"],
    [swin, "swin-multilabel", { image_size: [16, 0] }, "image_size can't be followed (expected a side of 1 to 65536 pixels, or two, of height and width, found [16,0])"],
    [swin, "swin-multilabel", { window_size: [2.5, 2] }, "window_size can't be followed (expected a list, each a whole number from 1 on, found [2.5,2])"],
  ] as const)("%#: others are refused by name", async (load, name, settings, problem) => {
    const loading = load(files(name, settings));
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(problem);
  }); // prettier-ignore
});

describe("a value that makes no sense is refused by its key", () => {
  test.each([
    ["num_hidden_layers", 2.5], ["num_hidden_layers", 1e10], ["num_hidden_layers", "1"], ["hidden_size", 0], ["intermediate_size", -24], ["layer_norm_eps", -1],
    ["hidden_act", "constructor"], ["hidden_dropout_prob", 1.5], ["attention_probs_dropout_prob", "0"], ["initializer_range", -0.02], ["qkv_bias", "false"],
    ["position_interpolation", "toString"], ["pooling", "max"], ["num_channels", true], ["num_attention_heads", 0],
  ])("%s: %o", async (key, value) => {
    const before = liveBytes();
    const loading = ViT.fromPretrained(files("vit", { [key]: value }));
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(`config.json: ${key} can't be followed`);
    expect(liveBytes()).toBe(before);
  }); // prettier-ignore

  test("heads that don't divide the width, and more layers than there are entries", async () => {
    await expect(ViT.fromPretrained(files("vit", { num_attention_heads: 3 }))).rejects.toThrow(
      /config.json: .*numHeads must divide hiddenSize/,
    );
    await expect(ViT.fromPretrained(files("vit", { num_hidden_layers: 1e9 }))).rejects.toThrow(
      "config.json: num_hidden_layers is more than the checkpoint has entries",
    );
  });

  test("names of classes that are no names, or not as many as the head has outputs", async () => {
    for (const id2label of ["cat", { 0: "cat", 1: "dog" }])
      await expect(ViT.fromPretrained(files("vit", { id2label }))).rejects.toThrow("config.json: the classes' names don't fit the weights");
    for (const id2label of [
      { 1: "cat", 2: "dog", 3: "bird" },
      { cat: 0, dog: 1, bird: 2 },
      { 0: "cat", 1: "dog", "-1": "bird" },
    ])
      await expect(ViT.fromPretrained(files("vit", { id2label }))).rejects.toThrow(
        /classes have names under other numbers than the outputs' \(expected numbers from 0 to 2, found (3|cat, dog, bird|-1)\)/,
      );
  });

  test("settings that are asked for, but that there aren't", async () => {
    for (const [config, told] of [
      [{ hidden_dropout_prob: 0.1 }, '"hidden_dropout_prob" came: is hiddenDropoutProb meant?'],
      [{ dropPath: 0.1 }, '"dropPath" came: is dropPathRate meant?'],
    ] as const) {
      const loading = ViT.fromPretrained(files("vit"), { config: config as object });
      await expect(loading).rejects.toThrow(ArgumentError);
      await expect(loading).rejects.toThrow(told);
    }
    const loading = ViT.fromPretrained(files("vit"), { config: { hiddenDropoutProb: 2 } });
    await expect(loading).rejects.toThrow("ViT: hiddenDropoutProb must be a number from 0 to 1, but is 2");
  });

  test("null says nothing", async () => {
    using model = await ViT.fromPretrained(
      files("vit", { hidden_act: null, layer_norm_eps: null, problem_type: null, num_channels: null }),
    );
    expect(scores(await classify(model, photo))).toEqual(right);
  });
});

describe("names of weights", () => {
  /** The case's files, its weights under other names. */
  function withNames(nameOf: (name: string) => string): Map<string, FileBytes> {
    const weights = read("vit/model.safetensors");
    const length = Number(new DataView(weights.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(weights.subarray(8, 8 + length))) as Readonly<Record<string, object>>;
    const renamed = Object.entries(header).map(([name, entry]) => [name === "__metadata__" ? name : nameOf(name), entry]);
    const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(renamed)));
    const file = new Uint8Array(8 + text.length + weights.length - 8 - length);
    new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
    file.set(text, 8);
    file.set(weights.subarray(8 + length), 8 + text.length);
    return files("vit").set("model.safetensors", file);
  }

  test.each(["module.", "_orig_mod.", "module._orig_mod.", "model.", "net.", "model.net."])(
    "%s before all of them (huggingface/safetensors#403, huggingface/transformers#28041, mlfoundations/open_clip#639)",
    async (prefix) => {
      using model = await ViT.fromPretrained(withNames((name) => prefix + name));
      expect(scores(await classify(model, photo))).toEqual(right);
      expect(model.notes).toEqual([]);
    },
  );

  test("others, by `rename`", async () => {
    const own = withNames((name) => name.replace(/^vit\./, "backbone.").replace(/^classifier\./, "fc."));
    await expect(ViT.fromPretrained(own)).rejects.toThrow(CheckpointError);
    using model = await ViT.fromPretrained(own, { rename: { "backbone.*": "vit.*", "fc.*": "classifier.*" } });
    expect(scores(await classify(model, photo))).toEqual(right);
  });

  test("a folder in a folder", async () => {
    const inside = new Map([...files("vit")].map(([name, bytes]) => [`checkpoints/best/${name}`, bytes]));
    using model = await ViT.fromPretrained(inside, { subfolder: "checkpoints/best" });
    expect(scores(await classify(model, photo))).toEqual(right);
    await expect(ViT.fromPretrained(inside, { subfolder: "../best" })).rejects.toThrow(CheckpointError);
  });
});

test("timm's classifiers of ImageNet-1k, whose files name no classes, have timm's names (huggingface/pytorch-image-models)", async () => {
  await inFolder(async (folder) => {
    const small = { imageSize: 16, patchSize: 8, hiddenSize: 4, numHiddenLayers: 1, tokensMlpDim: 2, channelsMlpDim: 2 };
    using first = await MLPMixer.fromConfig({ ...small, numLabels: 1000 });
    await first.savePretrained(folder);
    const weights = new Uint8Array(readFileSync(`${folder}/model.safetensors`));
    const load = (config: object, labels?: readonly string[]): Promise<MLPMixer> =>
      MLPMixer.fromPretrained(
        new Map([
          ["config.json", new TextEncoder().encode(JSON.stringify(config))],
          ["model.safetensors", weights],
        ]),
        { labels },
      );
    const published = { architecture: "mixer_b16_224", num_classes: 1000 };
    using named = await load(published);
    const { id2label } = named.config;
    expect(Object.keys(id2label)).toHaveLength(1000);
    expect([437, 569, 758, 779].map((id) => id2label[id])).toEqual([
      "beacon, lighthouse, beacon light, pharos",
      "garbage truck, dustcart",
      "reel",
      "school bus",
    ]);
    using own = await load({ ...published, label_names: Object.keys(id2label) });
    expect(own.config.id2label[779]).toBe("779");
    for (const elsewhere of [{ labels: Object.keys(id2label) }, { pretrained_cfg: { label_names: Object.keys(id2label) } }]) {
      using found = await load({ ...published, ...elsewhere }); // as timm reads them
      expect([found.config.id2label[779], found.notes]).toEqual(["779", []]);
    }
    for (const wrong of [{ model_args: { img_size: 32 } }, { pretrained_cfg: { input_size: [3, 32, 32] } }])
      await expect(load({ ...published, ...wrong })).rejects.toThrow(
        "config.json tells another size of images than the weights are for (expected img_size, or input_size, of 16",
      );
    using labelled = await load(published, ["cat", "dog"]);
    expect(labelled.config.id2label).toEqual({ 0: "cat", 1: "dog" });
    using byHand = await load({ num_classes: 1000 });
    expect(byHand.config.id2label[779]).toBe("LABEL_779");
  });
});

describe("what pictures go through", () => {
  const settings = JSON.parse(new TextDecoder().decode(read("vit/preprocessor_config.json"))) as object;
  const processedAs = (file: string, json: object): Map<string, FileBytes> => {
    const all = files("vit");
    all.delete("preprocessor_config.json");
    return all.set(file, new TextEncoder().encode(JSON.stringify(json)));
  };

  test("processor_config.json, as transformers 5 saves it, counts first (huggingface/transformers#44623)", async () => {
    const inside = { processor_class: "CLIPProcessor", image_processor: { ...settings, image_mean: [0, 0, 0], image_std: [1, 1, 1] } };
    const both = processedAs("processor_config.json", inside).set("preprocessor_config.json", read("vit/preprocessor_config.json"));
    using model = await ViT.fromPretrained(both);
    expect(model.processor.config.imageMean).toEqual([0, 0, 0]);
    using plain = await ViT.fromPretrained(processedAs("processor_config.json", { processor_class: "ViTProcessor" }));
    expect(plain.processor.config.imageMean).toEqual([0.5, 0.5, 0.5]);
  });

  test.each([
    [{ do_pad: true, pad_size: { height: 20, width: 20 } }, "padSize should be left out"],
    [{ do_flip_channel_order: true }, "do_flip_channel_order is true"],
    [{ rescale_offset: true }, "rescale_offset is true"],
    [{ image_processor_type: "PerceiverImageProcessor" }, "should be one of ViT, CLIP"],
    [{ image_mean: [0.5, 0.5] }, "image"],
  ])("%o costs the processor, with the reason, not the model", async (more, reason) => {
    using model = await ViT.fromPretrained(processedAs("preprocessor_config.json", { ...settings, ...more }));
    expect(() => model.processor).toThrow(reason);
  });

  test("what nobody knows is noted; what changes nothing isn't", async () => {
    const json = { ...settings, do_convert_rgb: true, processor_class: "ViTProcessor", sharpen: 1 };
    using model = await ViT.fromPretrained(processedAs("preprocessor_config.json", json));
    expect(model.processor.notes).toEqual(['preprocessor_config.json: "sharpen" isn\'t known here and was passed over']);
    expect(scores(await classify(model, photo))).toEqual(right);
  });

  test("a model of one channel takes grey pictures where no file says so (huggingface/pytorch-image-models#976, huggingface/transformers#34820)", async () => {
    using model = await ViT.fromConfig({ ...tiny, numChannels: 1 });
    using pixels = await model.processor.process(photo);
    expect(pixels.shape).toEqual([1, 1, 16, 16]);
    expect(await classify(model, photo)).toHaveLength(3);
  });
});

const tiny = { imageSize: 16, patchSize: 8, hiddenSize: 4, numHiddenLayers: 1, numAttentionHeads: 1, intermediateSize: 4, numLabels: 3 };
