import { readFile } from "node:fs/promises";
import {
  Dropout,
  DropPath,
  FeedForward,
  gatherTokens,
  intTensor,
  LayerNorm,
  Linear,
  mean,
  Module,
  noGrad,
  PatchEmbedding,
  permute,
  PreNormBlock,
  reshape,
  Rng,
  type Tensor,
} from "@x/layers";
import fc from "fast-check";
import { expectClose, inFolder, normal } from "@x/testing";
import { expect, test } from "vitest";
import { ImageProcessor, MLPMixer, type MLPMixerConfig, mlpMixerCost, mlpMixerDefaults, mlpMixerPreset } from "../src/index.ts";
import { defaultProcessor } from "../src/image/pretrained-processor.ts";
import { renamed } from "./models.ts";
import { goldenFolder, readGolden } from "./golden.ts";

const tiny: Partial<MLPMixerConfig> = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 12,
  numHiddenLayers: 2,
  tokensMlpDim: 8,
  channelsMlpDim: 20,
  numLabels: 5,
};

test("the fixture of timm 1.0.29", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer_fixture"));
  const golden = await readGolden("timm_mixer_fixture");
  noGrad(() => {
    const images = golden.tensor("pixel_values");
    expectClose(model.encode(images).toTypedArray(), golden.values("features"));
    expectClose(model.forward(images).toTypedArray(), golden.values("logits"));
  });
});

test("saved, it has timm's config", () =>
  inFolder(async (folder) => {
    using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
    await model.savePretrained(folder);
    expect(JSON.parse(await readFile(`${folder}/config.json`, "utf8"))).toMatchObject({
      num_classes: 5,
      model_args: { img_size: 16, patch_size: 4, num_blocks: 2, embed_dim: 24, mlp_ratio: [0.5, 4] },
      pretrained_cfg: { input_size: [3, 16, 16], mean: [0.5, 0.5, 0.5] },
    });
  }));

test("a published size is saved under the name that timm has for it, without the arguments that the name implies", async () => {
  const config = { ...mlpMixerDefaults, ...mlpMixerPreset("Mixer-L/32"), imageSize: 64 };
  const saved = await MLPMixer.family.hubConfig({ config, processor: new ImageProcessor(defaultProcessor(64, 3)) });
  expect(saved).toMatchObject({ architecture: "mixer_l32_224", model_args: { img_size: 64, in_chans: 3, mlp_ratio: [0.5, 4] } });
  expect(saved?.["model_args"]).not.toHaveProperty("patch_size");
});

test("a checkpoint without a head, and one with a new head", async () => {
  using headless = await MLPMixer.fromPretrained(await renamed("timm_mixer", (key) => (key.startsWith("head") ? undefined : key)));
  using tuned = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"), { labels: ["cat", "dog"], config: { dropPathRate: 0.3 } });
  expect(tuned.config.id2label).toEqual({ 0: "cat", 1: "dog" });
  expect(tuned.blocks.map(({ dropPath }) => dropPath?.p)).toEqual([0, 0.3]);
  noGrad(() => {
    const images = normal([2, 3, 16, 16], 2);
    expect(headless.forward(images).shape).toEqual([2, 24]);
    expect(tuned.forward(images).shape).toEqual([2, 2]);
  });
});

test("a name that isn't one is refused", () => {
  expect(() => mlpMixerPreset("Mixer-X/16")).toThrow(
    'mlpMixerPreset: expected a name like "Mixer-B/16" with one of S, B, L, H, but found "Mixer-X/16"',
  );
});

test("nothing but patches, norms and perceptrons: no attention, and no convolution beyond the patches", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  const parts = (module: Module): Module[] => [module, ...[...module.namedChildren()].flatMap(([, child]) => parts(child))];
  const leaves = parts(model).filter((part) => [...part.namedChildren()].length === 0);
  for (const leaf of leaves) expect([PatchEmbedding, LayerNorm, Linear, Dropout, DropPath].some((kind) => leaf instanceof kind)).toBe(true);
  expect(leaves.filter((leaf) => leaf instanceof PatchEmbedding)).toEqual([model.patchEmbed]);
  for (const block of model.blocks) {
    expect(block).toBeInstanceOf(PreNormBlock);
    expect(parts(block).filter((part) => part instanceof FeedForward)).toHaveLength(2);
  }
});

test("the MLP over channels is two 1 × 1 convolutions", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  const mlp = model.blocks[0]!.mlp as FeedForward;
  noGrad(() => {
    const image = normal([1, 12, 4, 4], 4); // (B, C, H, W)
    const inner = conv1x1(image, mlp.fc1);
    const activated = inner.map((value) => 0.5 * value * (1 + erf(value / Math.SQRT2)));
    const expected = conv1x1({ data: activated, shape: [1, 20, 4, 4] }, mlp.fc2);
    const tokens = permute(reshape(image, [1, 12, 16]), [0, 2, 1]); // (B, S, C)
    expectClose(permute(mlp.forward(tokens), [0, 2, 1]).toTypedArray(), expected);
  });
});

function conv1x1(
  { data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] },
  { weight, bias }: Linear,
): number[] {
  const [, channels = 0, height = 0, width = 0] = shape;
  const [out = 0] = weight.shape;
  return Array.from({ length: out * height * width }, (_, at) => {
    const [channel, pixel] = [Math.floor(at / (height * width)), at % (height * width)];
    let sum = bias?.data[channel] ?? 0;
    for (let c = 0; c < channels; c++) sum += (weight.data[channel * channels + c] ?? 0) * (data[c * height * width + pixel] ?? 0);
    return sum;
  });
}

/** By its series. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

test("one MLP over tokens serves every channel: exchanging channels exchanges its outputs", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  const { mixer } = model.blocks[0]!;
  expect(mixer.numParameters).toBe(16 * 8 + 8 + 8 * 16 + 16); // nothing grows with the 12 channels
  const orders = fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 });
  fc.assert(
    fc.property(orders, fc.nat(1000), (order, seed) =>
      noGrad(() => {
        const x = normal([1, 16, 12], seed);
        const exchanged = (y: Tensor): Tensor => permute(gatherTokens(permute(y, [0, 2, 1]), intTensor([order])), [0, 2, 1]);
        expectClose(mixer.forward(exchanged(x)).toTypedArray(), exchanged(mixer.forward(x)).toTypedArray(), "values", 1e-6);
      }),
    ),
    { numRuns: 20 },
  );
});

test("without positions, the order of patches matters all the same; to the MLP over channels it doesn't", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  expect([...model.namedParameters().keys()].filter((path) => /pos/i.test(path))).toEqual([]);
  noGrad(() => {
    const order = intTensor([[...Array(16).keys()].reverse()]);
    const tokens = normal([1, 16, 24], 5);
    const turned = gatherTokens(tokens, order);
    const { mlp } = model.blocks[0]!;
    expectClose(mlp.forward(turned).toTypedArray(), gatherTokens(mlp.forward(tokens), order).toTypedArray(), "values", 1e-6);

    const logitsOf = (x: Tensor): Float32Array => {
      const mixed = model.blocks.reduce((y, block) => block.forward(y), x);
      return model.head!.forward(mean(model.norm.forward(mixed), 1)).toTypedArray();
    };
    const [straight, reversed] = [logitsOf(tokens), logitsOf(turned)];
    expect(Math.max(...straight.map((value, i) => Math.abs(value - (reversed[i] ?? 0))))).toBeGreaterThan(0.01);
  });
});

test("twice the patches cost twice as much", async () => {
  const costs = [224, 448, 896].map((imageSize) => mlpMixerCost({ ...mlpMixerDefaults, imageSize }));
  for (const { numPatches, mixingFlops } of costs) expect(mixingFlops / numPatches).toBe(costs[0]!.mixingFlops / 196);
  const { mixingFlops, otherFlops } = mlpMixerCost(mlpMixerDefaults);
  expect((mixingFlops + otherFlops) / 2e9).toBeCloseTo(12.6, 1); // timm's count for mixer_b16_224, in multiply-adds
});

test("another image size is refused: the token MLP's width is the number of patches", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  noGrad(() => {
    expect(() => model.forward(normal([1, 3, 24, 24], 6))).toThrow(
      "MLPMixer: images must be (B, channels, 16, 16), but images is (1, 3, 24, 24)",
    );
  });
});

test("DropPath draws in training only", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"), { config: { dropPathRate: 0.5 }, rng: new Rng(7) });
  noGrad(() => {
    const images = normal([1, 3, 16, 16], 8);
    const run = (): string => [...model.forward(images).toTypedArray()].join();
    expect(run()).toBe(run());
    model.train();
    expect(new Set(Array.from({ length: 12 }, run)).size).toBeGreaterThan(1);
  });
});

test("what isn't an MLP-Mixer is refused", async () => {
  await expect(MLPMixer.fromPretrained(goldenFolder("vit"))).rejects.toThrow("this is not an MLP-Mixer");
});
