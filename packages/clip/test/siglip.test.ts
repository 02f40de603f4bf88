/** What SigLIP's paper says, and what its texts go through. What every model promises is in models.test.ts. */
import { readFile } from "node:fs/promises";
import { backward, init, intTensor, noGrad, Rng, scope, sum, tensor } from "@x/layers";
import { expectClose, inFolder } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { load } from "../src/auto/index.ts";
import { embedText, SigLIP, sigLIPConfig, sigLIPPreset, sigmoidLoss, zeroShot } from "../src/index.ts";
import { openSigLIPModelConfig } from "../src/siglip/open-clip.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());

const folder = goldenFolder("siglip");
const unit = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];

test("texts become the ids that Hugging Face's SiglipTokenizer gives", async () => {
  using model = await SigLIP.fromPretrained(folder);
  const cases = JSON.parse(await readFile(`${folder}/tokens.json`, "utf8")) as { text: string; ids: number[] }[];
  for (const { text, ids } of cases)
    expect([text, model.tokenizer?.encode(text, { truncation: "longestFirst", maxLength: 64 }).ids]).toEqual([text, ids]);
});

test("the sigmoid loss is the mean over images of −log σ(±(t · cos + b)) for every text", () => {
  scope(() => {
    const [angles, other] = [
      [0.1, 0.9, 2],
      [0.3, 0.8, -1],
    ] as const;
    const [scale, bias] = [1.2, -0.7];
    const losses = angles.flatMap((a, i) =>
      other.map((b, j) => Math.log(1 + Math.exp((i === j ? -1 : 1) * (Math.exp(scale) * Math.cos(a - b) + bias)))),
    );
    const loss = sigmoidLoss(tensor(angles.map(unit)), tensor(other.map(unit)), tensor([scale]), tensor([bias]));
    expect(loss.item()).toBeCloseTo(losses.reduce((x, y) => x + y, 0) / 3, 5);
    expect(() => sigmoidLoss(tensor(angles.map(unit)), tensor([unit(0)]), tensor([1]), tensor([0]))).toThrow("as many");
  });
});

test("training begins where nearly every pair is told apart: t = 10, b = −10", async () => {
  const shape = { hiddenSize: 12, intermediateSize: 20, numHiddenLayers: 1, numAttentionHeads: 2 };
  using model = await SigLIP.fromConfig({
    textConfig: { ...shape, vocabSize: 9, maxPositionEmbeddings: 4 },
    visionConfig: { ...shape, imageSize: 8, patchSize: 4 },
  });
  expect([model.logitScale.item(), model.logitBias.item()].map((value) => value.toFixed(4))).toEqual(["2.3026", "-10.0000"]);
  scope(() => {
    const images = tensor(
      Float32Array.from({ length: 2 * 192 }, (_, i) => Math.sin(i)),
      [2, 3, 8, 8],
    );
    const { logits } = model.forward(images, intTensor([[1, 2, 3, 4], [4, 3, 2, 1]])); // prettier-ignore
    backward(sum(logits));
    expect(model.logitBias.grad?.item()).toBe(4);
    model.zeroGrad();
  });
});

test("shorter texts are padded to the length of training, and the padding is seen", async () => {
  using model = await SigLIP.fromPretrained(folder);
  const [vector] = await embedText(model, ["a"]);
  noGrad(() => {
    const pad = model.tokenizer?.special.pad ?? 0;
    const ids = model.tokenizer?.encode("a").ids ?? [];
    const whole = intTensor([[...ids, ...Array.from({ length: model.maxLength - ids.length }, () => pad)]]);
    expectClose(vector ?? [], model.encodeTexts(whole).data);
    expect(ids.length).toBeLessThan(model.maxLength);
    expect(model.encodeTexts(intTensor([ids])).toArray()).toEqual(model.encodeTexts(whole).toArray());
    const blind = intTensor([[...ids.map(() => 1), ...Array.from({ length: model.maxLength - ids.length }, () => 0)]]);
    expect(model.text.forward(whole, blind).toArray()).not.toEqual(model.text.forward(whole).toArray());
  });
});

test("zero-shot, each label is a yes or no of its own", async () => {
  using model = await SigLIP.fromPretrained(folder);
  const labels = ["cat", "dog", "cat"];
  using classifier = await zeroShot(model, labels, { templates: ["{label}"] });
  const picture = { width: 20, height: 16, data: Uint8ClampedArray.from({ length: 20 * 16 * 3 }, (_, i) => (i * 37) % 256) };
  const found = await classifier.classify(picture);
  using pixels = await model.processor.process(picture);
  const logits = noGrad(() => classifier.forward(pixels).toTypedArray());
  for (const { id, probability } of found) expect(probability).toBeCloseTo(1 / (1 + Math.exp(-(logits[id] ?? 0))), 6);
  expect(found.filter(({ label }) => label === "cat").map(({ probability }) => probability)).toHaveLength(2);
  expect(logits[0]).toBe(logits[2]);
});

test("another rng, other weights; the same, the same", async () => {
  const config = { textConfig: { numHiddenLayers: 0, vocabSize: 5 }, visionConfig: { numHiddenLayers: 0, imageSize: 16 } };
  using one = await SigLIP.fromConfig(config, { rng: new Rng(1) });
  using same = await SigLIP.fromConfig(config, { rng: new Rng(1) });
  expect(one.text.proj.weight.toTypedArray()).toEqual(same.text.proj.weight.toTypedArray());
});

describe("open_clip's form: golden/open_clip_siglip", () => {
  const own = goldenFolder("open_clip_siglip");
  interface Expected {
    readonly texts: readonly string[];
    readonly ids: readonly (readonly number[])[];
    readonly image_embeddings: readonly number[];
    readonly text_embeddings: readonly number[];
    readonly logits: readonly number[];
    readonly zero_shot: {
      readonly labels: readonly string[];
      readonly templates: readonly string[];
      readonly probabilities: readonly number[];
    };
  }
  const expected = async (): Promise<Expected> => JSON.parse(await readFile(`${own}/expected.json`, "utf8")) as Expected;

  test("embeddings and logits are open_clip's, and `load` finds the class", async () => {
    const { ids, image_embeddings, text_embeddings, logits } = await expected();
    using model = await load(own);
    expect(model).toBeInstanceOf(SigLIP);
    expect(model.notes).toEqual([]);
    noGrad(() => {
      const pixels = Float32Array.from({ length: 1536 }, (_, i) => (i % 97) / 48 - 1);
      const found = model.forward(tensor(pixels, [2, 3, 16, 16]), intTensor(ids.slice(0, 3).flat(), [3, 8]));
      expectClose(found.imageEmbeddings.toTypedArray(), image_embeddings, "images");
      expectClose(found.textEmbeddings.toTypedArray(), text_embeddings, "texts");
      expectClose(found.logits.toTypedArray(), logits, "logits");
    });
    expect(model.processor.config).toMatchObject({ size: { height: 16, width: 16 }, imageMean: [0.5, 0.5, 0.5], resample: "bicubic" });
  });

  test("zero-shot, probabilities are those of open_clip's classifier", async () => {
    const { labels, templates, probabilities } = (await expected()).zero_shot;
    using model = await SigLIP.fromPretrained(own);
    using classifier = await zeroShot(model, labels, { templates, truncation: "first" });
    const pixels = Float32Array.from({ length: 1536 }, (_, i) => (i % 97) / 48 - 1);
    const logits = noGrad(() => classifier.forward(tensor(pixels, [2, 3, 16, 16])).toTypedArray());
    expectClose(logits.map((logit) => 1 / (1 + Math.exp(-logit))), probabilities); // prettier-ignore
  });

  test("texts are cleaned as open_clip cleans them", async () => {
    const { texts, ids } = await expected();
    using model = await SigLIP.fromPretrained(own);
    for (const [i, text] of texts.entries()) {
      const found = model.tokenizer?.encode(text, { maxLength: 8, truncation: "first" }).ids ?? [];
      expect([text, ...Array.from({ length: 8 }, (_, place) => found[place] ?? 0)]).toEqual([text, ...(ids[i] ?? [])]);
    }
  });

  test("saved, it is open_clip's where timm has a name for it, and Hugging Face's without open_clip's cleaning", async () => {
    const { textConfig, visionConfig } = sigLIPPreset("SigLIP-B/16");
    const published = sigLIPConfig({ textConfig, visionConfig: { ...visionConfig, hiddenAct: "gelu" } });
    const config = openSigLIPModelConfig(published, { tokenizer_kwargs: { clean: "canonicalize" } });
    expect(config).toMatchObject({
      embed_dim: 768,
      vision_cfg: { timm_model_name: "vit_base_patch16_siglip_224", image_size: 224, timm_pool: "map" },
    });
    using model = await SigLIP.fromPretrained(own);
    await inFolder(async (saved) => {
      await expect(model.savePretrained(saved)).rejects.toThrow("open_clip has no name for this SigLIP");
      model.tokenizer = undefined;
      await model.savePretrained(saved);
      using again = await SigLIP.fromPretrained(saved);
      expect(again.config).toEqual(model.config);
      const ids = intTensor([[5, 9, 1, 0, 0, 0, 0, 0]]);
      noGrad(() => expectClose(again.encodeTexts(ids).toTypedArray(), model.encodeTexts(ids).toTypedArray()));
    });
  });

  test("what isn't SigLIP's is refused by name; so is SigLIP 2 of any aspect ratio", async () => {
    const json = JSON.parse(await readFile(`${own}/open_clip_config.json`, "utf8")) as { model_cfg: { text_cfg: object } };
    const weights = new Uint8Array(await readFile(`${own}/open_clip_model.safetensors`));
    const files = (text_cfg: object, name = "open_clip_config.json", config: object = { model_cfg: { ...json.model_cfg, text_cfg } }) =>
      new Map([
        [name, new TextEncoder().encode(JSON.stringify(config))],
        ["open_clip_model.safetensors", weights],
      ]);
    const { text_cfg } = json.model_cfg;
    const { no_causal_mask: _mask, ...causal } = text_cfg as { no_causal_mask: boolean };
    await expect(SigLIP.fromPretrained(files(causal))).rejects.toThrow("no_causal_mask isn't SigLIP's");
    await expect(SigLIP.fromPretrained(files({ ...text_cfg, pool_type: "argmax" }))).rejects.toThrow('pool_type is "argmax"');
    await expect(SigLIP.fromPretrained(files({}, "config.json", { model_type: "siglip2" }))).rejects.toThrow("NaFlex");
    await expect(load(files({}, "config.json", { model_type: "siglip2" }))).rejects.toThrow("NaFlex");
  });
});
