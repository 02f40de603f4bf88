import { AdamW, crossEntropy, init, intTensor, noGrad, patchify, Rng, scope, SGD, tensor, type Tensor, train } from "@x/layers";
import { expectClose, inFolder, normal } from "@x/testing";
import { expect, test } from "vitest";
import { layerDecayGroups, LinearProbe, MAE, reconstruct, ViT } from "../src/index.ts";
import { tinyMAE } from "./models.ts";
import { goldenFolder, readGolden } from "./golden.ts";

/** Stripes of one of four directions: (count, 3, 16, 16), with their direction. */
function stripes(count: number, seed: number): [images: Tensor, labels: Tensor<"int32">] {
  const phases = normal([count], seed).toTypedArray();
  const values = Float32Array.from({ length: count * 768 }, (_, at) => {
    const [image, pixel] = [Math.floor(at / 768), at % 256];
    const angle = (Math.PI * (image % 4)) / 4;
    return Math.sin(1.3 * ((pixel % 16) * Math.cos(angle) + Math.floor(pixel / 16) * Math.sin(angle)) + 6 * (phases[image] ?? 0));
  });
  return [tensor(values, [count, 3, 16, 16]), intTensor(Array.from({ length: count }, (_, i) => i % 4))];
}

test("pre-trained, saved, and its encoder alone fine-tuned and linearly probed", { timeout: 120_000 }, () =>
  inFolder(async (folder) => {
    using mae = await MAE.fromConfig({ ...tinyMAE, maskRatio: 0.5 }, { rng: new Rng(16) });
    const rng = new Rng(17);
    const pretraining = (step: number): Tensor => {
      const [images] = stripes(32, step % 40);
      return mae.forward(images, mae.drawNoise(images, rng)).loss;
    };
    const before = noGrad(() => pretraining(50).item());
    const optimizer = new AdamW(mae.parameters(), { learningRate: 3e-3, beta2: 0.95, weightDecay: 0.05 });
    await train({ optimizer, steps: 250, loss: pretraining });
    optimizer.dispose();
    expect(noGrad(() => pretraining(50).item())).toBeLessThan(0.4 * before);
    await mae.savePretrained(folder);

    const accuracy = (logitsOf: (images: Tensor) => Tensor): number =>
      noGrad(() => {
        const [images, labels] = stripes(200, 999);
        const logits = logitsOf(images).toTypedArray();
        const guesses = [...labels.toTypedArray()].map((_, i) =>
          [0, 1, 2, 3].reduce((best, k) => ((logits[4 * i + k] ?? 0) > (logits[4 * i + best] ?? 0) ? k : best), 0),
        );
        return guesses.filter((guess, i) => guess === labels.data[i]).length / guesses.length;
      });

    using encoder = await ViT.fromPretrained(folder);
    noGrad(() => {
      const [images] = stripes(4, 1);
      expect(encoder.encode(images).toTypedArray()).toEqual(mae.encode(images).toTypedArray());
    });
    using probe = new LinearProbe(24, 4).initialize(new Rng(18));
    const probing = new SGD(probe.parameters(), { learningRate: 0.5, momentum: 0.9 });
    probe.train();
    const features = (images: Tensor): Tensor => noGrad(() => encoder.forward(images));
    await train({
      optimizer: probing,
      steps: 150,
      loss: (step) => {
        const [images, labels] = stripes(32, step % 40);
        return crossEntropy(probe.forward(features(images)), labels);
      },
    });
    probing.dispose();
    probe.eval();
    expect(accuracy((images) => probe.forward(features(images)))).toBeGreaterThan(0.9);
    expect(encoder.parameters().every(({ grad }) => grad === undefined)).toBe(true);

    using tuned = await ViT.fromPretrained(folder, { labels: ["|", "/", "-", "\\"], config: { pooling: "mean", dropPathRate: 0.1 } });
    const tuning = new AdamW(layerDecayGroups(tuned), { learningRate: 3e-3 });
    tuned.train();
    await train({
      optimizer: tuning,
      steps: 60,
      loss: (step) => {
        const [images, labels] = stripes(32, step % 40);
        return crossEntropy(tuned.forward(images), labels);
      },
    });
    tuning.dispose();
    tuned.eval();
    expect(accuracy((images) => tuned.forward(images))).toBeGreaterThan(0.95);
  }),
);

test.each(["mae", "mae_norm_pix"])("%s: a ViT takes the encoder and passes the decoder over, with a new head", async (name) => {
  using mae = await MAE.fromPretrained(goldenFolder(name));
  for (const pooling of ["cls", "mean"] as const) {
    using model = await ViT.fromPretrained(goldenFolder(name), { labels: ["cat", "dog"], config: { pooling, dropPathRate: 0.1 } });
    expect(model.blocks.map(({ dropPath }) => dropPath?.p)).toEqual([0, 0.1]);
    noGrad(() => {
      const images = normal([2, 3, 16, 16], 19);
      expect(model.forward(images).shape).toEqual([2, 2]);
      const tokens = model.encode(images);
      const normed = pooling === "mean" ? model.norm!.forward(tokens) : tokens;
      expectClose(normed.toTypedArray(), mae.encode(images).toTypedArray());
    });
  }
});

test("layer-wise decay: the head learns fastest, the patches slowest, and vectors don't decay", async () => {
  const { imageSize, patchSize, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize } = tinyMAE;
  const shape = { imageSize, patchSize, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize };
  using model = await ViT.fromConfig({ ...shape, numLabels: 3 });
  const groups = layerDecayGroups(model, { layerDecay: 0.5, weightDecay: 0.1 });
  expect(groups.flatMap(({ parameters }) => parameters)).toHaveLength(model.parameters().length);
  const groupOf = (path: string) => groups.find(({ parameters }) => parameters.includes(model.namedParameters().get(path)!));
  expect(groupOf("head.weight")).toMatchObject({ learningRateScale: 1, weightDecay: 0.1 });
  expect(groupOf("head.bias")).toMatchObject({ learningRateScale: 1, weightDecay: 0 });
  expect(groupOf("norm.weight")).toMatchObject({ learningRateScale: 1, weightDecay: 0 });
  expect(groupOf("blocks.1.mlp.fc1.weight")).toMatchObject({ learningRateScale: 0.5, weightDecay: 0.1 });
  expect(groupOf("blocks.0.mixer.qkv.bias")).toMatchObject({ learningRateScale: 0.25, weightDecay: 0 });
  expect(groupOf("patchEmbed.weight")).toMatchObject({ learningRateScale: 0.125, weightDecay: 0.1 });
  for (const path of ["posEmbed", "clsToken"]) expect(groupOf(path)).toMatchObject({ learningRateScale: 0.125, weightDecay: 0 });
  model.patchEmbed.setRequiresGrad(false);
  expect(layerDecayGroups(model).flatMap(({ parameters }) => parameters)).toHaveLength(model.parameters().length - 2);
});

test("a linear probe normalises with the batch in training, with what it has seen in evaluation", async () => {
  await init();
  using probe = new LinearProbe(2, 2, { momentum: 0.5, eps: 0 }).initialize(new Rng(20));
  probe.head.weight.data.set([1, 0, 0, 1]);
  expect([...probe.namedParameters().keys()]).toEqual(["head.weight", "head.bias"]);
  expect([...probe.stateDict().keys()].sort()).toEqual(["head.bias", "head.weight", "runningMean", "runningVariance"]);
  scope(() => {
    const features = tensor([
      [1, 10],
      [3, 30],
    ]);
    expectClose(probe.train().forward(features).toTypedArray(), [-1, -1, 1, 1]);
    expectClose(probe.runningMean.toTypedArray(), [1, 10]); // half of the batch's 2 and 20
    expectClose(probe.runningVariance.toTypedArray(), [0.5 + 1, 0.5 + 100]); // half of 1, half of the unbiased 2 and 200
    expectClose(probe.eval().forward(features).toTypedArray(), [0, 0, 2 / Math.sqrt(1.5), 20 / Math.sqrt(100.5)]);
    expectClose(probe.runningMean.toTypedArray(), [1, 10]);
  });
});

test("visible patches are shown as they are, masked ones as predicted, normalised ones brought back", async () => {
  for (const normPixLoss of [false, true]) {
    using model = await MAE.fromPretrained(goldenFolder("mae"), { config: { normPixLoss } });
    const golden = await readGolden("mae");
    noGrad(() => {
      const images = golden.tensor("pixel_values");
      const given = golden.tensor("noise");
      const shown = reconstruct(model, images, given);
      const { mask, predicted } = model.forward(images, given);
      const parts = Object.fromEntries(
        Object.entries(shown).map(([name, picture]) => [name, patchify(picture, 4, "channelsLast").toTypedArray()]),
      );
      const original = patchify(images, 4, "channelsLast").toTypedArray();
      for (let patch = 0; patch < 32; patch++) {
        const range = [patch * 48, (patch + 1) * 48] as const;
        const own = [...original.subarray(...range)];
        const centre = own.reduce((a, b) => a + b) / 48;
        const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 47 + 1e-6);
        const expected = [...predicted.toTypedArray().subarray(...range)].map((value) =>
          normPixLoss ? value * deviation + centre : value,
        );
        const isMasked = mask.mask.data[patch] === 1;
        expectClose(parts["predicted"]!.subarray(...range), expected);
        expect([...parts["visible"]!.subarray(...range)].map((value) => value + 0)).toEqual(isMasked ? new Array(48).fill(0) : own);
        if (isMasked) expectClose(parts["completed"]!.subarray(...range), expected);
        else expect([...parts["completed"]!.subarray(...range)]).toEqual(own);
      }
    });
  }
});
