import { add, backward, gatherTokens, init, intTensor, liveBytes, noGrad, reshape, Rng, scope, slice, tensor, Trace } from "@x/layers";
import fc from "fast-check";
import { expectClose, normal } from "@x/testing";
import { expect, test } from "vitest";
import { MAE, maeCost, maeDefaults, randomMasking, viTPreset } from "../src/index.ts";
import { maskedPatchLoss, normalizePatches } from "../src/mae/masked-patch-loss.ts";
import { tinyMAE } from "./models.ts";
import { readGolden } from "./golden.ts";

test("the encoder runs on visible patches only", async () => {
  using model = await MAE.fromConfig(tinyMAE);
  noGrad(() => {
    const images = normal([2, 3, 16, 16], 1);
    const given = model.drawNoise(images, new Rng(2));
    const trace = new Trace();
    const { mask } = model.forward(images, given, { trace });
    for (const { shape } of trace.hiddenStates) expect(shape).toEqual([2, 1 + 4, 24]); // a quarter of 16 patches, and the class token
    for (const { shape } of trace.attentions) expect(shape).toEqual([2, 3, 5, 5]);

    const before = model.encode(images, mask.keptIds).toTypedArray();
    for (let b = 0; b < 2; b++) {
      for (let y = 0; y < 16; y++) {
        for (let x = 0; x < 16; x++) {
          if (mask.mask.data[b * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)] === 1) images.data[b * 768 + y * 16 + x] = 1e6;
        }
      }
    }
    expect(model.encode(images, mask.keptIds).toTypedArray()).toEqual(before);
  });
});

test("a visible patch keeps its own position, whatever the order it comes in", async () => {
  using model = await MAE.fromConfig(tinyMAE);
  noGrad(() => {
    const images = normal([1, 3, 16, 16], 3);
    const latent = model.encode(images, intTensor([[2, 7, 11]]));
    const turned = model.encode(images, intTensor([[11, 2, 7]]));
    expectClose(gatherTokens(turned, intTensor([[0, 2, 3, 1]])).data, latent.data);
  });
});

test("the decoder gets latents and mask tokens at the patches' own places", async () => {
  // Without blocks each place shows what stands in it.
  using model = await MAE.fromConfig({ ...tinyMAE, decoderNumHiddenLayers: 0 });
  const { decoder } = model;
  noGrad(() => {
    const images = normal([1, 3, 16, 16], 4);
    const { predicted, mask } = model.forward(images, model.drawNoise(images, new Rng(5)));
    const latents = decoder.embed.forward(model.encode(images, mask.keptIds)); // (1, 1 + K, E)
    const kept = [...mask.keptIds.data];
    for (let patch = 0; patch < 16; patch++) {
      const rank = kept.indexOf(patch);
      const token = rank < 0 ? decoder.maskToken : slice(latents, 1, 1 + rank, 2 + rank);
      const shown = decoder.pred.forward(decoder.norm.forward(add(token, slice(decoder.posEmbed, 1, 1 + patch, 2 + patch))));
      expectClose(slice(predicted, 1, patch, patch + 1).toTypedArray(), shown.data, `patch ${patch}, ${rank < 0 ? "masked" : "visible"}`);
    }
  });
});

test("every masked patch is one shared learned vector", async () => {
  using model = await MAE.fromConfig({ ...tinyMAE, decoderNumHiddenLayers: 0 });
  expect(model.decoder.maskToken.shape).toEqual([1, 1, 16]);
  model.decoder.posEmbed.data.fill(0);
  scope(() => {
    const images = normal([1, 3, 16, 16], 6);
    const { predicted, loss, mask } = model.forward(images, model.drawNoise(images, new Rng(7)));
    const rows = [...mask.maskedIds.data].map((patch) => [...slice(predicted, 1, patch, patch + 1).data]);
    expect(rows).toHaveLength(12);
    for (const row of rows) expect(row).toEqual(rows[0]);
    backward(loss);
    expect(model.decoder.maskToken.grad?.data.some((value) => value !== 0)).toBe(true);
    expect(model.posEmbed.grad).toBeUndefined();
    model.zeroGrad();
  });
});

test("by default three quarters are masked, and the encoder costs less than a third, in operations and in memory", async () => {
  expect(maeDefaults.maskRatio).toBe(0.75);
  const { numVisible, encoderFlops, encoderFlopsUnmasked, decoderFlops } = maeCost({ ...maeDefaults, ...viTPreset("ViT-L/16") });
  expect(numVisible).toBe(50);
  expect(encoderFlopsUnmasked / encoderFlops).toBeGreaterThan(3.9);
  expect(decoderFlops / encoderFlopsUnmasked).toBeLessThan(0.1); // §3: less than 10 % of the computation per token

  using model = await MAE.fromConfig({ ...tinyMAE, imageSize: 64, hiddenSize: 48, intermediateSize: 192 });
  const held = (ratio: number): number =>
    scope(() => {
      const images = normal([2, 3, 64, 64], 8);
      const { keptIds } = randomMasking(model.drawNoise(images, new Rng(9)), ratio);
      const before = liveBytes();
      model.encode(images, keptIds);
      return liveBytes() - before;
    });
  expect(held(0) / held(0.75)).toBeGreaterThan(3);
});

test("the loss is of masked patches only", async () => {
  await init();
  noGrad(() => {
    const [predicted, target] = [normal([2, 4, 6], 10), normal([2, 4, 6], 11)];
    const mask = tensor([
      [1, 0, 1, 1],
      [0, 1, 0, 1],
    ]);
    const before = maskedPatchLoss(predicted, target, mask).item();
    let expected = 0;
    for (let patch = 0; patch < 8; patch++) {
      if (mask.data[patch] === 0) continue;
      for (let i = 0; i < 6; i++) expected += ((predicted.data[patch * 6 + i] ?? 0) - (target.data[patch * 6 + i] ?? 0)) ** 2 / 6 / 5;
    }
    expect(before).toBeCloseTo(expected, 5);
    target.data.fill(1e6, 6, 12); // a visible patch
    expect(maskedPatchLoss(predicted, target, mask).item()).toBe(before);
    target.data.fill(1e6, 0, 1); // a pixel of a masked one
    expect(maskedPatchLoss(predicted, target, mask).item()).toBeGreaterThan(before);
  });
});

test("normalised targets have mean 0 and unbiased variance 1 in each patch", async () => {
  await init();
  noGrad(() => {
    const normalized = normalizePatches(normal([2, 3, 48], 12)).data;
    for (let patch = 0; patch < 6; patch++) {
      const values = [...normalized.subarray(patch * 48, (patch + 1) * 48)];
      const centre = values.reduce((a, b) => a + b) / 48;
      expect(centre).toBeCloseTo(0, 5);
      expect(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 47).toBeCloseTo(1, 4);
    }
  });
});

test("the decoder may be one block of another width; the encoder knows nothing of it", async () => {
  using small = await MAE.fromConfig({
    ...tinyMAE,
    decoderNumHiddenLayers: 1,
    decoderHiddenSize: 8,
    decoderNumAttentionHeads: 1,
    decoderIntermediateSize: 16,
  });
  using large = await MAE.fromConfig({ ...tinyMAE, decoderNumHiddenLayers: 4, decoderHiddenSize: 32, decoderNumAttentionHeads: 4 });
  expect(small.decoder.blocks).toHaveLength(1);
  expect(small.decoder.numParameters / small.numParameters).toBeLessThan(0.25);
  const encoderOf = (model: MAE): number => model.numParameters - model.decoder.numParameters;
  expect(encoderOf(small)).toBe(encoderOf(large));
  noGrad(() => {
    const images = normal([1, 3, 16, 16], 13);
    for (const model of [small, large])
      expect(model.forward(images, model.drawNoise(images, new Rng(1))).predicted.shape).toEqual([1, 16, 48]);
  });
});

test("a new mask at every call, the same from the same seed, and no patch is preferred", async () => {
  using model = await MAE.fromConfig(tinyMAE);
  noGrad(() => {
    const images = normal([400, 3, 16, 16], 14);
    const rng = new Rng(15);
    const masks = [rng, rng, new Rng(15)].map((source) => randomMasking(model.drawNoise(images, source), 0.75).mask.toTypedArray());
    expect(masks[1]).not.toEqual(masks[0]);
    expect(masks[2]).toEqual(masks[0]);
    const kept = new Array<number>(16).fill(0);
    for (const [at, masked] of masks[0]!.entries()) kept[at % 16] = (kept[at % 16] ?? 0) + 1 - masked;
    expect(kept.reduce((a, b) => a + b)).toBe(400 * 4);
    for (const count of kept) expect(Math.abs(count - 100)).toBeLessThan(45); // five deviations of a binomial
  });
});

test("masked and kept positions by the first of the sorted noise, and by the authors' convention", async () => {
  await init();
  scope(() => {
    const given = tensor([
      [0.5, 0.1, 0.9, 0.3],
      [0.2, 0.8, 0.4, 0.6],
    ]);
    const first = randomMasking(given, 0.75, "maskSmallest"); // argsort(noise)[:, :3] are masked, the rest is kept
    expect(first.maskedIds.toArray()).toEqual([
      [1, 3, 0],
      [0, 2, 3],
    ]);
    expect(first.keptIds.toArray()).toEqual([[2], [1]]);
    expect(first.mask.toArray()).toEqual([
      [1, 1, 0, 1],
      [1, 0, 1, 1],
    ]);
    const authors = randomMasking(given, 0.75);
    expect(authors.keptIds.toArray()).toEqual([[1], [0]]);
    expect(authors.maskedIds.toArray()).toEqual([
      [3, 0, 2],
      [2, 3, 1],
    ]);
    expect(authors.restoreIds.toArray()).toEqual([
      [2, 0, 3, 1],
      [0, 3, 1, 2],
    ]);
    expect(() => randomMasking(given, 1)).toThrow("randomMasking: maskRatio is from 0 up to but not including 1, but is 1");
  });
});

test("NumPy's noise of seed 2 keeps the patches that Hugging Face's test keeps", async () => {
  await init();
  const golden = await readGolden("mae_fixture");
  scope(() => {
    const { keptIds } = randomMasking(reshape(golden.tensor("noise_numpy_seed_2"), [1, 196]), 0.75);
    expect([...keptIds.toTypedArray()]).toEqual([...golden.values("kept_numpy_seed_2")]);
  });
});

test("kept and masked patches make up all, restoring undoes the shuffle, either way around", async () => {
  await init();
  const noises = fc
    .integer({ min: 1, max: 40 })
    .chain((length) => fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: length, maxLength: length }));
  fc.assert(
    fc.property(
      noises,
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      fc.constantFrom("keepSmallest", "maskSmallest"),
      (values, ratio, convention) =>
        scope(() => {
          const { keptIds, maskedIds, restoreIds, mask } = randomMasking(tensor([values]), ratio, convention as "keepSmallest");
          const shuffled = [...keptIds.data, ...maskedIds.data];
          expect([...shuffled].sort((a, b) => a - b)).toEqual([...values.keys()]);
          expect([...restoreIds.data].map((rank) => shuffled[rank])).toEqual([...values.keys()]);
          expect(shuffled.map((patch) => restoreIds.data[patch])).toEqual([...values.keys()]);
          expect(keptIds.size).toBe(Math.trunc(values.length * (1 - ratio)));
          for (const [i, patch] of shuffled.entries()) expect(mask.data[patch]).toBe(i < keptIds.size ? 0 : 1);
        }),
    ),
  );
});
