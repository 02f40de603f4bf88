/** Learning to copy, as the seed's notebook does it, and the recipe's other parts: label smoothing, the Noam schedule, dropout, Xavier. */
import { AdamW, drawUniform, empty, init, intTensor, noam, noGrad, Rng, scope, type Tensor, train } from "@x/layers";
import { beforeAll, expect, test } from "vitest";
import { generate, Transformer, type TransformerConfig } from "../src/index.ts";

// Tensors this small are slower with threads.
beforeAll(() => init({ threads: 1 }));

const small: Partial<TransformerConfig> = {
  vocabSize: 10,
  dModel: 32,
  encoderLayers: 1,
  decoderLayers: 1,
  encoderAttentionHeads: 4,
  decoderAttentionHeads: 4,
  encoderFfnDim: 64,
  decoderFfnDim: 64,
  padTokenId: 0,
  decoderStartTokenId: 1,
  eosTokenId: 2,
  dropout: 0,
};

/** Texts of 3 to 9 words of the vocabulary, with their end token, as one batch. */
function texts(count: number, rng: Rng): { inputIds: Tensor<"int32">; attentionMask: Tensor<"int32">; labels: Tensor<"int32"> } {
  using noise = empty([count, 10]);
  drawUniform(noise, rng);
  const drawn = noise.toTypedArray();
  const rows = Array.from({ length: count }, (_, row) => {
    const numbers = [...drawn.subarray(row * 10, (row + 1) * 10)];
    const length = 3 + Math.floor(7 * (numbers[9] ?? 0));
    return [...numbers.slice(0, length).map((number) => 3 + Math.floor(7 * number)), 2];
  });
  const filled = (padding: number): number[][] => rows.map((row) => [...row, ...Array<number>(10 - row.length).fill(padding)]);
  return {
    inputIds: intTensor(filled(0)),
    attentionMask: intTensor(filled(0).map((row) => row.map((id) => (id === 0 ? 0 : 1)))),
    labels: intTensor(filled(-100)),
  };
}

test("learns to copy: nearly every unseen text comes out as it went in, greedily and with beams", async () => {
  using model = await Transformer.fromConfig(small, { rng: new Rng(1) });
  const optimizer = new AdamW(model.parameters(), { learningRate: 1, beta2: 0.98, eps: 1e-9, weightDecay: 0 });
  const rng = new Rng(2);
  model.train();
  await train({
    optimizer,
    steps: 400,
    schedule: noam(32, 100),
    loss: () => {
      const { labels, ...text } = texts(48, rng);
      return model.loss(text, labels);
    },
  });
  optimizer.dispose();
  model.eval();
  const { labels, ...text } = texts(100, new Rng(77));
  const wanted = (labels.toArray() as number[][]).map((row) => row.filter((id) => id !== -100));
  for (const numBeams of [1, 3]) {
    const found = await generate(model, text, { numBeams, maxLength: 14 });
    const right = found.filter(([best], i) => best?.tokens.join() === wanted[i]?.join()).length;
    expect(right, `${numBeams} beams`).toBeGreaterThanOrEqual(98);
  }
  for (const ids of [labels, text.inputIds, text.attentionMask]) ids.dispose();
});

test("§5.3: the rate rises to the end of the warm-up, then falls with the root of the step", () => {
  const rate = noam(512);
  expect(rate(1)).toBeCloseTo(1.74693e-7, 12);
  expect(rate(4000)).toBeCloseTo(6.98771e-4, 9);
  expect(rate(100_000)).toBeCloseTo(1.39754e-4, 9);
});

test("§5.4: smoothed labels move the loss to (1 − ε) · loss + ε · mean over all tokens; 0.1 by default", async () => {
  using model = await Transformer.fromConfig(small);
  scope(() => {
    const { labels, ...text } = texts(4, new Rng(3));
    const [plain, smoothed, even, usual] = [0, 0.1, 1, undefined].map((labelSmoothing) =>
      noGrad(() => model.loss(text, labels, labelSmoothing === undefined ? {} : { labelSmoothing }).item()),
    ) as [number, number, number, number];
    expect(smoothed).toBeCloseTo(0.9 * plain + 0.1 * even, 5);
    expect(usual).toBe(smoothed);
    expect(smoothed).not.toBeCloseTo(plain, 3);
  });
});

test("§5.4: dropout is active in training only, on embeddings and on every sublayer", async () => {
  using model = await Transformer.fromConfig({ ...small, dropout: 0.5 }, { rng: new Rng(4) });
  scope(() => {
    const text = { inputIds: intTensor([[3, 4, 5, 6]]) };
    const run = (): number[] => noGrad(() => [...model.encode(text).data]);
    expect(run()).toEqual(run());
    model.train();
    expect(run()).not.toEqual(run());
    const zeros = noGrad(() => model.embedTargets(text.inputIds).data.filter((value) => value === 0).length);
    expect(zeros).toBeGreaterThan(32);
    expect(zeros).toBeLessThan(96);
  });
});

test("fresh matrices are Xavier-uniform, the embeddings too, biases zero", async () => {
  using model = await Transformer.fromConfig({ ...small, vocabSize: 500 });
  for (const [path, { shape, data }] of model.namedParameters()) {
    const [rows = 1, columns] = shape;
    if (columns === undefined)
      expect(
        data.every((value) => value === (/norm\d\.weight$/.test(path) ? 1 : 0)),
        path,
      ).toBe(true);
    else {
      const bound = Math.sqrt(6 / (rows + columns));
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, path).toBeLessThanOrEqual(bound);
      expect(largest, path).toBeGreaterThan(0.97 * bound);
    }
  }
});
