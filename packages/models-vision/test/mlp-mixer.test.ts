import { readFile } from "node:fs/promises";
import {
  crossEntropy,
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
  Trace,
} from "@x/layers";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  classify,
  ImageProcessor,
  MLPMixer,
  type MLPMixerConfig,
  mlpMixerCost,
  mlpMixerDefaults,
  mlpMixerLayouts,
  mlpMixerPreset,
} from "../src/index.ts";
import { defaultProcessor } from "../src/image/pretrained-processor.ts";
import {
  countParameters,
  expectGradientsAreDifferences,
  expectLossesAgree,
  expectNothingLeft,
  inFolder,
  keysOf,
  noise,
} from "../../layers/test/models/checks.ts";
import { renamed } from "./models.ts";
import { classifierLoss, entry, expectClassifierAgrees, expectClose, goldenFolder, goldenTensor, readGolden } from "./golden.ts";

const [timm] = mlpMixerLayouts;
const tiny: Partial<MLPMixerConfig> = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 12,
  numHiddenLayers: 2,
  tokensMlpDim: 8,
  channelsMlpDim: 20,
  numLabels: 5,
};

test("G1: timm_mixer: logits, loss and every gradient are timm's", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  expect(model.training).toBe(false);
  await expectClassifierAgrees("timm_mixer", model, timm);
});

test("G1: the fixture of timm 1.0.29", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer_fixture"));
  const golden = await readGolden("timm_mixer_fixture");
  noGrad(() => {
    const images = goldenTensor(golden, "pixel_values");
    expectClose(model.encode(images).data, entry(golden, "features").values);
    expectClose(model.forward(images).data, entry(golden, "logits").values);
  });
});

test("G1: ten steps of AdamW lose as PyTorch's", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  const golden = await readGolden("timm_mixer");
  expectLossesAgree(model, () => classifierLoss(model, golden), entry(golden, "losses").values);
});

test("G1: gradients agree with finite differences of the loss", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  const golden = await readGolden("timm_mixer");
  expectGradientsAreDifferences(model, () => classifierLoss(model, golden));
});

test("G2: saved under timm's names and loaded back, it is the same model", () =>
  inFolder(async (folder) => {
    using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
    await model.savePretrained(folder);
    expect(await keysOf(folder)).toEqual(await keysOf(goldenFolder("timm_mixer")));
    const config = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
    expect(config).toMatchObject({
      num_classes: 5,
      model_args: { img_size: 16, patch_size: 4, num_blocks: 2, embed_dim: 24, mlp_ratio: [0.5, 4] },
      pretrained_cfg: { input_size: [3, 16, 16], mean: [0.5, 0.5, 0.5] },
    });
    using again = await MLPMixer.fromPretrained(folder);
    expect(again.config).toEqual(model.config);
    noGrad(() => {
      const images = noise([2, 3, 16, 16], 1);
      expect(again.forward(images).data).toEqual(model.forward(images).data);
    });
  }));

test("G2: a published size is saved under the name that timm has for it, without the arguments that the name implies", () => {
  const config = { ...mlpMixerDefaults, ...mlpMixerPreset("Mixer-L/32"), imageSize: 64 };
  const saved = MLPMixer.family.hubConfig({ config, processor: new ImageProcessor(defaultProcessor(64)) });
  expect(saved).toMatchObject({ architecture: "mixer_l32_224", model_args: { img_size: 64, in_chans: 3, mlp_ratio: [0.5, 4] } });
  expect(saved["model_args"]).not.toHaveProperty("patch_size");
});

test("G2: a checkpoint without a head, and one with a new head", async () => {
  using headless = await MLPMixer.fromPretrained(await renamed("timm_mixer", (key) => (key.startsWith("head") ? undefined : key)));
  using tuned = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"), { labels: ["cat", "dog"], config: { dropPathRate: 0.3 } });
  expect(tuned.config.id2label).toEqual({ 0: "cat", 1: "dog" });
  expect(tuned.blocks.map(({ dropPath }) => dropPath?.p)).toEqual([0, 0.3]);
  noGrad(() => {
    const images = noise([2, 3, 16, 16], 2);
    expect(headless.forward(images).shape).toEqual([2, 24]);
    expect(tuned.forward(images).shape).toEqual([2, 2]);
  });
});

test.each([
  ["Mixer-S/32", 19_104_624],
  ["Mixer-S/16", 18_528_264],
  ["Mixer-B/32", 60_293_428],
  ["Mixer-B/16", 59_880_472],
  ["Mixer-L/16", 208_196_168],
])("G3: %s has the published number of parameters", async (name, count) => {
  expect(await countParameters(() => new MLPMixer(mlpMixerPreset(name), new Rng(0)))).toBe(count);
});

test("G3: a name that isn't one is refused", () => {
  expect(() => mlpMixerPreset("Mixer-X/16")).toThrow(
    'mlpMixerPreset: expected a name like "Mixer-B/16" with one of S, B, L, H, but found "Mixer-X/16"',
  );
});

test("G4: hidden states on request", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  noGrad(() => {
    const trace = new Trace();
    model.forward(noise([2, 3, 16, 16], 3), { trace });
    expect(trace.hiddenStates.map(({ shape }) => shape)).toEqual([
      [2, 16, 12],
      [2, 16, 12],
      [2, 16, 12],
    ]);
    expect(trace.attentions).toEqual([]);
  });
});

test("X1: nothing but patches, norms and perceptrons: no attention, and no convolution beyond the patches", async () => {
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

test("X2: the MLP over channels is two 1 × 1 convolutions", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  const mlp = model.blocks[0]!.mlp as FeedForward;
  noGrad(() => {
    const image = noise([1, 12, 4, 4], 4); // (B, C, H, W)
    const inner = conv1x1(image, mlp.fc1);
    const activated = inner.map((value) => 0.5 * value * (1 + erf(value / Math.SQRT2)));
    const expected = conv1x1({ data: activated, shape: [1, 20, 4, 4] }, mlp.fc2);
    const tokens = permute(reshape(image, [1, 12, 16]), [0, 2, 1]); // (B, S, C)
    expectClose(permute(mlp.forward(tokens), [0, 2, 1]).data, expected, 1e-5);
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

test("X3: one MLP over tokens serves every channel: exchanging channels exchanges its outputs", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  const { mixer } = model.blocks[0]!;
  expect(mixer.numParameters).toBe(16 * 8 + 8 + 8 * 16 + 16); // nothing grows with the 12 channels
  const orders = fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 });
  fc.assert(
    fc.property(orders, fc.nat(1000), (order, seed) =>
      noGrad(() => {
        const x = noise([1, 16, 12], seed);
        const exchanged = (y: Tensor): Tensor => permute(gatherTokens(permute(y, [0, 2, 1]), intTensor([order])), [0, 2, 1]);
        expectClose(mixer.forward(exchanged(x)).data, exchanged(mixer.forward(x)).data, 1e-6);
      }),
    ),
    { numRuns: 20 },
  );
});

test("X4: without positions, the order of patches matters all the same; to the MLP over channels it doesn't", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  expect([...model.namedParameters().keys()].filter((path) => /pos/i.test(path))).toEqual([]);
  noGrad(() => {
    const order = intTensor([[...Array(16).keys()].reverse()]);
    const tokens = noise([1, 16, 24], 5);
    const turned = gatherTokens(tokens, order);
    const { mlp } = model.blocks[0]!;
    expectClose(mlp.forward(turned).data, gatherTokens(mlp.forward(tokens), order).data, 1e-6);

    const logitsOf = (x: Tensor): Float32Array => {
      const mixed = model.blocks.reduce((y, block) => block.forward(y), x);
      return model.head!.forward(mean(model.norm.forward(mixed), 1)).toTypedArray();
    };
    const [straight, reversed] = [logitsOf(tokens), logitsOf(turned)];
    expect(Math.max(...straight.map((value, i) => Math.abs(value - (reversed[i] ?? 0))))).toBeGreaterThan(0.01);
  });
});

test("X5: twice the patches cost twice as much", async () => {
  const costs = [224, 448, 896].map((imageSize) => mlpMixerCost({ ...mlpMixerDefaults, imageSize }));
  for (const { numPatches, mixingFlops } of costs) expect(mixingFlops / numPatches).toBe(costs[0]!.mixingFlops / 196);
  const { mixingFlops, otherFlops } = mlpMixerCost(mlpMixerDefaults);
  expect((mixingFlops + otherFlops) / 2e9).toBeCloseTo(12.6, 1); // timm's count for mixer_b16_224, in multiply-adds
});

test("another image size is refused: the token MLP's width is the number of patches", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  noGrad(() => {
    expect(() => model.forward(noise([1, 3, 24, 24], 6))).toThrow(
      "MLPMixer: images must be (B, channels, 16, 16), but images is (1, 3, 24, 24)",
    );
  });
});

test("DropPath draws in training only", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"), { config: { dropPathRate: 0.5 }, rng: new Rng(7) });
  noGrad(() => {
    const images = noise([1, 3, 16, 16], 8);
    const run = (): string => [...model.forward(images).data].join();
    expect(run()).toBe(run());
    model.train();
    expect(new Set(Array.from({ length: 12 }, run)).size).toBeGreaterThan(1);
  });
});

test("training and inference leave no byte behind", async () => {
  using model = await MLPMixer.fromConfig(tiny);
  expectNothingLeft(model.train(), () => crossEntropy(model.forward(noise([2, 3, 16, 16], 9)), intTensor([0, 1])));
});

test("classify: an image's likeliest labels", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  const image = { width: 20, height: 30, data: Uint8Array.from({ length: 1800 }, (_, i) => i % 256) };
  expect(await classify(model, image, { topK: 3 })).toHaveLength(3);
});

test("what isn't an MLP-Mixer is refused", async () => {
  await expect(MLPMixer.fromPretrained(goldenFolder("vit"))).rejects.toThrow("this is not an MLP-Mixer");
});
