import {
  AdamW,
  argmax,
  backward,
  engine,
  intTensor,
  liveBytes,
  mean,
  noGrad,
  reshape,
  Rng,
  scaleAndShift,
  scope,
  slice,
  type Tensor,
  transpose,
} from "@x/layers";
import { expectClose, inFolder } from "@x/testing";
import { expect, test, vi } from "vitest";
import {
  BagOfWords,
  cachedContrastiveLoss,
  CLIP,
  clipPseudocode,
  contrastiveLoss,
  type ImageTextPairs,
  inChunks,
  trainCLIP,
  VisionTransformer,
} from "../src/index.ts";
import { pairs, tiny, tinyResNet } from "./tiny.ts";

function lossOf(model: CLIP, { images, inputIds, attentionMask }: ImageTextPairs): Tensor {
  return contrastiveLoss(model.encodeImages(images), model.encodeTexts(inputIds, attentionMask), model.logitScale);
}

/** The gradients by path, as copies; they are forgotten. */
function takeGradients(model: CLIP): Map<string, Float32Array | undefined> {
  const gradients = new Map([...model.namedParameters()].map(([path, { grad }]) => [path, grad?.toTypedArray()]));
  model.zeroGrad();
  return gradients;
}

/** The most bytes that lived at once during `body`, beyond those before. */
function peakBytes(body: () => void): number {
  const { memory } = engine();
  const before = liveBytes();
  let peak = 0;
  const allocate = memory.allocate.bind(memory);
  const spy = vi.spyOn(memory, "allocate").mockImplementation((bytes) => {
    const pointer = allocate(bytes);
    peak = Math.max(peak, memory.liveBytes - before);
    return pointer;
  });
  try {
    body();
  } finally {
    spy.mockRestore();
  }
  return peak;
}

test("the paper's pseudocode, line by line, is the model's own loss, with its gradients", async () => {
  using model = await CLIP.fromConfig(tiny, { rng: new Rng(2) });
  const { visual } = model;
  if (!(visual instanceof VisionTransformer)) throw new Error("not a ViT");
  using bag = await CLIP.fromConfig({ ...tiny, textConfig: { modelType: "clip_bag_of_words", vocabSize: 30, hiddenSize: 16 } });
  const { text } = bag;
  if (!(text instanceof BagOfWords)) throw new Error("not a bag of words");
  const batch = pairs(4, 3);
  scope(() => {
    const loss = clipPseudocode({
      imageEncoder: (images) => visual.norm.forward(reshape(slice(visual.encode(images), 1, 0, 1), [-1, 24])),
      textEncoder: (texts) => mean(text.tokenEmbed.forward(texts), 1),
      images: batch.images,
      texts: batch.inputIds,
      imageProjection: transpose(visual.proj.weight),
      textProjection: transpose(text.proj.weight),
      temperature: model.logitScale,
    });
    const own = contrastiveLoss(model.encodeImages(batch.images), bag.encodeTexts(batch.inputIds), model.logitScale);
    expect(loss.item()).toBeCloseTo(own.item(), 5);
    backward(loss);
    const [pseudo, pseudoBag] = [takeGradients(model), takeGradients(bag)];
    backward(own);
    for (const [expected, actual] of [
      [takeGradients(model), pseudo],
      [takeGradients(bag), pseudoBag],
    ] as const) {
      for (const [path, gradient] of expected) if (gradient) expectClose(actual.get(path) ?? [], gradient, path);
    }
  });
});

test("a bag of words as text encoder: the mean of its tokens, in any order, padding left out; saved and loaded", async () => {
  const config = { ...tiny, textConfig: { modelType: "clip_bag_of_words", vocabSize: 30, hiddenSize: 16 } } as const;
  using model = await CLIP.fromConfig(config);
  noGrad(() => {
    const embed = (ids: number[], mask?: number[]): Float32Array =>
      model.encodeTexts(intTensor([ids]), mask && intTensor([mask])).data.slice();
    expectClose(embed([3, 4, 5]), embed([5, 3, 4]), "values", 1e-6);
    expectClose(embed([3, 4, 5, 0, 0], [1, 1, 1, 0, 0]), embed([3, 4, 5]), "values", 1e-6);
    expect(embed([3, 4])).not.toEqual(embed([3, 6]));
  });
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    using again = await CLIP.fromPretrained(folder);
    expect(again.config).toEqual(model.config);
    const ids = intTensor([[1, 2, 3]]);
    noGrad(() => expect(again.encodeTexts(ids).toTypedArray()).toEqual(model.encodeTexts(ids).data));
  });
});

test.each([
  [1, "one chunk"],
  [4, "chunks of 4"],
  [3, "chunks of 3, the last smaller"],
])("gradient caching: %s pairs at once (%s) give the loss and gradients of one pass", async (size) => {
  using model = await CLIP.fromConfig(tiny, { rng: new Rng(4) });
  const batch = pairs(8, 6);
  scope(() => {
    const loss = lossOf(model, batch);
    backward(loss);
    const onePass = takeGradients(model);
    const cached = cachedContrastiveLoss(model, inChunks(batch, size));
    expect(cached.item()).toBeCloseTo(loss.item(), 5);
    backward(cached);
    const gradients = takeGradients(model);
    for (const [path, gradient] of onePass) expectClose(gradients.get(path) ?? [], gradient ?? [], path);
  });
});

test("the cached loss is a loss like any other: scaled, its gradients scale; frozen encoders get none", async () => {
  using model = await CLIP.fromConfig(tiny, { rng: new Rng(4) });
  const batch = pairs(6, 6);
  scope(() => {
    backward(cachedContrastiveLoss(model, inChunks(batch, 2)));
    const whole = takeGradients(model);
    model.visual.setRequiresGrad(false); // only the text encoder learns
    backward(scaleAndShift(cachedContrastiveLoss(model, inChunks(batch, 2)), 0.5, 0));
    const half = takeGradients(model);
    for (const [path, gradient] of half) {
      if (path.startsWith("visual.")) expect(gradient, path).toBeUndefined();
      else expectClose(gradient ?? [], whole.get(path)?.map((value) => value / 2) ?? [], path);
    }
  });
});

test("the memory of a cached step is bounded by the chunk, not by the batch", async () => {
  using model = await CLIP.fromConfig(tiny);
  const peakOf = (count: number, size: number | undefined): number => {
    const batch = pairs(count, 7);
    return peakBytes(() =>
      scope(() => {
        backward(size === undefined ? lossOf(model, batch) : cachedContrastiveLoss(model, inChunks(batch, size)));
        model.zeroGrad();
      }),
    );
  };
  peakOf(4, 4);
  const [small, large] = [peakOf(32, 8), peakOf(256, 8)];
  const [onePass, chunk] = [peakOf(256, undefined), peakOf(8, undefined)];
  expect(large).toBeLessThan(onePass / 10);
  // Eight times the batch: only the embeddings, their gradients and a chunk's rows of similarities grow.
  expect(large - small).toBeLessThan(12 * 224 * (8 + 8) * 4);
  expect(small).toBeLessThan(2 * chunk);
});

test("training on a small set finds every pair again; the scale stays within bounds; no byte is left", { timeout: 60_000 }, async () => {
  using model = await CLIP.fromConfig(tiny, { rng: new Rng(5) });
  using optimizer = new AdamW(model.parameters(), { learningRate: 2e-3, weightDecay: 0.01 });
  const batch = pairs(12, 8);
  const losses: number[] = [];
  const before = liveBytes();
  await trainCLIP(model, { optimizer, steps: 30, maxGradientNorm: 1, batch: () => batch, onStep: ({ loss }) => losses.push(loss) });
  const moments = liveBytes() - before;
  await trainCLIP(model, {
    optimizer,
    steps: 30,
    maxGradientNorm: 1,
    batch: () => inChunks(batch, 5),
    onStep: ({ loss }) => losses.push(loss),
  });
  expect(liveBytes() - before).toBe(moments);
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.2);
  expect(Math.exp(model.logitScale.item())).toBeLessThanOrEqual(100.001);
  noGrad(() => {
    const { logits } = model.forward(batch.images, batch.inputIds);
    expect([...argmax(logits).toTypedArray()]).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });
});

test("a ResNet trains, too, its batch norms in training mode", { timeout: 60_000 }, async () => {
  using model = (await CLIP.fromConfig(tinyResNet, { rng: new Rng(5) })).train();
  using optimizer = new AdamW(model.parameters(), { learningRate: 2e-3 });
  const batch = pairs(8, 8, 64);
  const losses: number[] = [];
  await trainCLIP(model, { optimizer, steps: 15, batch: () => batch, onStep: ({ loss }) => losses.push(loss) });
  expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? 0));
});
