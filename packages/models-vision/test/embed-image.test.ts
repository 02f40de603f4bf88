import { init, liveBytes, noGrad, Rng } from "@x/layers";
import { beforeAll, expect, test } from "vitest";
import { embedImage, type ImageEmbedder, MAE, MLPMixer, type RgbImage, Swin, ViT } from "../src/index.ts";

const small = { imageSize: 16, patchSize: 4, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 12 };
const models: Readonly<Record<string, () => Promise<ImageEmbedder & Disposable>>> = {
  ViT: () => ViT.fromConfig(small, { rng: new Rng(1) }),
  MAE: () =>
    MAE.fromConfig({ ...small, decoderHiddenSize: 8, decoderNumHiddenLayers: 1, decoderNumAttentionHeads: 2 }, { rng: new Rng(1) }),
  Swin: () => Swin.fromConfig({ imageSize: 16, patchSize: 2, embedDim: 4, depths: [1, 1], numHeads: [1, 2], windowSize: 4 }),
  MLPMixer: () =>
    MLPMixer.fromConfig({ imageSize: 16, patchSize: 4, hiddenSize: 8, numHiddenLayers: 1, tokensMlpDim: 6, channelsMlpDim: 12 }),
};

const image = (seed: number): RgbImage => ({
  width: 16,
  height: 16,
  data: Uint8Array.from({ length: 3 * 256 }, (_, i) => (i * seed * 31) % 256),
});

beforeAll(() => init());

test.each(Object.entries(models))("%s: an image's vector doesn't depend on its batch, and nothing is left behind", async (_, make) => {
  const before = liveBytes();
  {
    using model = await make();
    const done: number[] = [];
    const images = [image(1), image(2), image(3)];
    const vectors = await embedImage(model, images, { batchSize: 2, onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([2, 3]);
    expect(vectors).toHaveLength(3);
    for (const [i, one] of images.entries()) {
      const alone = await embedImage(model, one);
      expect(alone.length).toBe(vectors[i]?.length);
      for (const [j, value] of alone.entries()) expect(value).toBeCloseTo(vectors[i]?.[j] ?? NaN, 5);
    }
    expect(vectors[0]).not.toEqual(vectors[1]);
  }
  expect(liveBytes()).toBe(before);
});

test("MAE's vector is the mean of its patches, without the class token", async () => {
  using model = await MAE.fromConfig({ ...small, decoderHiddenSize: 8, decoderNumHiddenLayers: 1, decoderNumAttentionHeads: 2 });
  const pixels = await model.processor.process([image(5)]);
  const tokens = noGrad(() => model.encode(pixels).toArray()) as number[][][];
  const expected = (tokens[0] ?? [])
    .slice(1)
    .reduce((sum, token) => sum.map((value, i) => value + (token[i] ?? 0)), new Array<number>(8).fill(0));
  const vector = await embedImage(model, image(5));
  for (const [i, value] of vector.entries()) expect(value).toBeCloseTo((expected[i] ?? NaN) / 16, 5);
  pixels.dispose();
});

test("aborted, it throws the reason", async () => {
  using model = await ViT.fromConfig(small);
  await expect(embedImage(model, [image(1)], { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});
