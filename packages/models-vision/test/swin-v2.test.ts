/** What Swin V2's paper says. What every model promises is in models.test.ts. */
import { backward, init, noGrad, Rng, scope, sum } from "@x/layers";
import { expectClose, normal } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { SwinV2, type SwinV2Config, swinV2Preset } from "../src/index.ts";
import { planWindows } from "../src/swin/window-plan.ts";
import { windowGrid } from "../src/swin/windows.ts";
import { CosineWindowAttention } from "../src/swin-v2/cosine-window-attention.ts";
import { logSpacedOffsets } from "../src/swin-v2/log-spaced-offsets.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());

const tiny: Partial<SwinV2Config> = {
  imageSize: 32,
  patchSize: 2,
  embedDim: 8,
  depths: [2, 2],
  numHeads: [2, 4],
  windowSize: 4,
  pretrainedWindowSizes: [0, 0],
  numLabels: 3,
};

const attentionOf = (seed: number): CosineWindowAttention =>
  new CosineWindowAttention({ width: 8, numHeads: 2, window: [4, 4], pretrainedWindowSize: 0 }).initialize(new Rng(seed));

test("cosine attention: what is attended to doesn't change with the length of queries and keys", () => {
  using attention = attentionOf(1);
  noGrad(() => {
    const plan = planWindows(windowGrid([8, 8], 4, 2, "huggingFace"), 4);
    const x = normal([2, 64, 8], 2);
    const before = attention.forward(x, { plan }).toTypedArray();
    const weight = attention.qkv.weight.data;
    for (let i = 0; i < 2 * 8 * 8; i++) weight[i] = 3 * (weight[i] ?? 0); // queries and keys; values stay
    expectClose(attention.forward(x, { plan }).toTypedArray(), before);
  });
});

test("the learned scale counts up to 100", () => {
  using attention = attentionOf(3);
  noGrad(() => {
    const plan = planWindows(windowGrid([4, 4], 4, 0, "huggingFace"), 4);
    const x = normal([1, 16, 8], 4);
    const at = (scale: number): Float32Array => {
      attention.logitScale.data.fill(Math.log(scale));
      return attention.forward(x, { plan }).toTypedArray();
    };
    const [ten, most] = [at(10), at(100)];
    expect(ten).not.toEqual(most);
    expectClose(at(1000), most);
  });
});

test("offsets are log-spaced: from windows of 8 to windows of 16 they reach a third further, not twice as far", () => {
  const furthest = (side: number, pretrained: number): number => Math.max(...logSpacedOffsets([side, side], pretrained).flat());
  expect(furthest(8, 0)).toBeCloseTo(Math.log2(9) / 3, 6);
  expect(furthest(8, 8)).toBe(furthest(8, 0));
  expect(furthest(16, 8) / furthest(8, 8)).toBeCloseTo(1.32, 2);
  const offsets = logSpacedOffsets([4, 4], 0);
  expect(offsets).toHaveLength(49);
  expect(offsets[24]).toEqual([0, 0]);
  expect(offsets[0]).toEqual(offsets[48]?.map((offset) => -offset));
});

test("biases lie between 0 and 16", () => {
  using attention = attentionOf(5);
  noGrad(() => {
    attention.positionBias.weight2.data.fill(50);
    const values = attention.positionBias.forward(normal([9, 2], 6)).toTypedArray();
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(16);
  });
});

test("norms stand behind the branches, and begin at zero: a fresh block is the identity", async () => {
  using model = await SwinV2.fromConfig({ ...tiny, depths: [3], numHeads: [2], dropPathRate: 0 });
  noGrad(() => {
    const images = normal([1, 3, 32, 32], 7);
    const [map] = model.features(images);
    expect(map?.tokens.toTypedArray()).toEqual(model.embed(images).tokens.toTypedArray());
  });
});

test("padding, whose keys are zeros, costs no gradient its value", async () => {
  using model = await SwinV2.fromPretrained(goldenFolder("swin_v2_padded"));
  scope(() => {
    backward(sum(model.forward(normal([1, 3, 26, 30], 8))));
    for (const [path, { grad }] of model.namedParameters()) expect([path, grad?.data.every(Number.isFinite)]).toEqual([path, true]);
    model.zeroGrad();
  });
});

test("the same weights run with larger windows on larger images", async () => {
  using small = await SwinV2.fromPretrained(goldenFolder("swin_v2"));
  using large = await SwinV2.fromPretrained(goldenFolder("swin_v2"), {
    config: { imageSize: 64, windowSize: 8, pretrainedWindowSizes: [4, 4] },
  });
  expect(large.numParameters).toBe(small.numParameters);
  noGrad(() => expect(large.forward(normal([1, 3, 64, 64], 9)).shape).toEqual([1, 5]));
});

test("a name that isn't one is refused", () => {
  expect(() => swinV2Preset("SwinV2-XL")).toThrow(
    'swinV2Preset: expected one of SwinV2-T, SwinV2-S, SwinV2-B, SwinV2-L, but found "SwinV2-XL"',
  );
});
