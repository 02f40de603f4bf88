import { readFile } from "node:fs/promises";
import { liveBytes, Rng, scope } from "@x/layers";
import { expectClose, inFolder } from "@x/testing";
import { expect, test, vi } from "vitest";
import { CLIP, embedImage, embedText, imageNetTemplates, sevenTemplates, tokenize, zeroShot } from "../src/index.ts";
import { tiny, tinyText } from "./tiny.ts";
import { tinyTokenizer } from "./tiny-tokenizer.ts";

async function talkingModel(): Promise<CLIP> {
  const textConfig = { ...tinyText, vocabSize: 60, maxPositionEmbeddings: 40, eosTokenId: 59 };
  const model = await CLIP.fromConfig({ ...tiny, textConfig }, { rng: new Rng(6) });
  model.tokenizer = await tinyTokenizer();
  return model;
}

const dot = (a: Float32Array | undefined, b: Float32Array): number => b.reduce((sum, value, i) => sum + value * (a?.[i] ?? 0), 0);

const picture = (seed: number): { width: number; height: number; data: Uint8Array } => ({
  width: 20,
  height: 18,
  data: Uint8Array.from({ length: 20 * 18 * 3 }, (_, i) => (i * seed) % 256),
});

test("zero-shot: softmax over scaled cosines with label embeddings that are made once", async () => {
  using model = await talkingModel();
  using classifier = await zeroShot(model, ["cat", "dog", "bird"]);
  const encodeTexts = vi.spyOn(model, "encodeTexts");
  const images = [picture(3), picture(7), picture(11)];
  const results = await classifier.classify(images, { topK: 3, batchSize: 2 });
  const [best] = await classifier.classify(picture(3), { topK: 1 });
  expect(encodeTexts).not.toHaveBeenCalled();
  expect(results.map((result) => result.length)).toEqual([3, 3, 3]);
  expect(best).toEqual(results[0]?.[0]);

  const embeddings = await embedImage(model, images);
  const scale = Math.exp(model.logitScale.item());
  for (const [i, result] of results.entries()) {
    const cosines = [0, 1, 2].map((k) => dot(embeddings[i], classifier.embeddings.data.subarray(8 * k, 8 * k + 8)));
    const powers = cosines.map((cosine) => Math.exp(scale * cosine));
    for (const { id, label, probability } of result) {
      expect(label).toBe(["cat", "dog", "bird"][id]);
      expect(probability).toBeCloseTo((powers[id] ?? 0) / powers.reduce((a, b) => a + b), 4);
    }
  }
});

test('the prompt is "A photo of a {label}." unless another is given', async () => {
  using model = await talkingModel();
  using plain = await zeroShot(model, ["dog", "cat"]);
  const expected = await embedText(model, ["A photo of a dog.", "A photo of a cat."]);
  expectClose(
    plain.embeddings.toTypedArray(),
    expected.flatMap((row) => [...row]),
    "values",
    1e-6,
  );
  using own = await zeroShot(model, ["dog"], { templates: ["the {label}"] });
  const the = await embedText(model, "the dog");
  expectClose(own.embeddings.toTypedArray(), the, "values", 1e-6);
  await expect(zeroShot(model, ["dog"], { templates: ["a photo"] })).rejects.toThrow(
    'zeroShot: every template needs a place for the {label}, but "a photo" has none',
  );
  await expect(zeroShot(model, [])).rejects.toThrow("zeroShot: at least one label and one template are needed");
});

test("an ensemble is the mean of length-1 embeddings, brought to length 1", async () => {
  using model = await talkingModel();
  const templates = ["a {label}.", "the big {label}.", "{label} of a {label}"];
  using classifier = await zeroShot(model, ["dog", "cat"], { templates, batchSize: 4 });
  for (const [i, label] of ["dog", "cat"].entries()) {
    const each = await embedText(
      model,
      templates.map((template) => template.replaceAll("{label}", label)),
    );
    const mean = Array.from({ length: 8 }, (_, d) => [0, 1, 2].reduce((sum, row) => sum + (each[row]?.[d] ?? 0), 0) / 3);
    const length = Math.hypot(...mean);
    expectClose(
      classifier.embeddings.data.subarray(8 * i, 8 * i + 8),
      mean.map((value) => value / length),
      "values",
      1e-6,
    );
  }
});

test("the authors' templates: 80, and seven of them", () => {
  expect(imageNetTemplates).toHaveLength(80);
  expect(new Set(imageNetTemplates).size).toBe(80);
  expect(sevenTemplates).toHaveLength(7);
  for (const template of sevenTemplates) expect(imageNetTemplates).toContain(template);
  for (const template of imageNetTemplates) expect(template.match(/\{label\}/g)).toHaveLength(1);
});

test("texts of different lengths embed together as they do alone; long ones are an error, or are cut", async () => {
  using model = await talkingModel();
  const [together = new Float32Array()] = await embedText(model, ["cat", "a photo of a dog."], { batchSize: 2 });
  const alone = await embedText(model, "cat");
  expectClose(together, alone, "values", 1e-6);
  scope(() => {
    const { inputIds, attentionMask } = tokenize(model, ["of", "a cat"]);
    expect(inputIds.toArray()).toEqual([
      [58, 54, 59, 59, 59, 59],
      [58, 27, 2, 0, 46, 59],
    ]);
    expect(attentionMask.toArray()).toEqual([
      [1, 1, 1, 0, 0, 0],
      [1, 1, 1, 1, 1, 1],
    ]);
  });
  const long = "dog ".repeat(20);
  await expect(embedText(model, long)).rejects.toThrow(/40/);
  const cut = await embedText(model, long, { truncation: "first" });
  expect(cut).toHaveLength(8);
  model.tokenizer = undefined;
  await expect(embedText(model, "cat")).rejects.toThrow("embedText: this model has no tokenizer");
});

test("progress is told, an abort heard, and no byte left behind", async () => {
  using model = await talkingModel();
  (await zeroShot(model, ["cat"])).dispose();
  const before = liveBytes();
  const seen: number[] = [];
  const images = [picture(1), picture(2), picture(3)];
  await embedImage(model, images, { batchSize: 2, onProgress: ({ done }) => seen.push(done) });
  expect(seen).toEqual([2, 3]);
  await expect(embedImage(model, images, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  await expect(embedText(model, "x", { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  expect([await embedImage(model, []), await embedText(model, [])]).toEqual([[], []]);
  {
    using classifier = await zeroShot(model, ["cat", "dog"], { templates: ["a {label}", "the {label}"] });
    await classifier.classify(images);
  }
  expect(liveBytes()).toBe(before);
});

test("the tokenizer's files are saved with the model and come back with it", async () => {
  using model = await talkingModel();
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    expect(await readFile(`${folder}/merges.txt`, "utf8")).toContain("o f</w>");
    using again = await CLIP.fromPretrained(folder);
    const before = await embedText(model, "a photo of a cat.");
    const after = await embedText(again, "a photo of a cat.");
    expect(after).toEqual(before);
  });
});
