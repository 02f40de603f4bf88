import { readFile } from "node:fs/promises";
import {
  AdamW,
  add,
  backward,
  crossEntropy,
  gatherTokens,
  init,
  intTensor,
  liveBytes,
  noGrad,
  patchify,
  reshape,
  Rng,
  scope,
  SGD,
  slice,
  tensor,
  type Tensor,
  Trace,
  train,
} from "@x/layers";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  layerDecayGroups,
  LinearProbe,
  MAE,
  type MAEConfig,
  maeCost,
  maeDefaults,
  maeLayouts,
  randomMasking,
  reconstruct,
  sinCosPositions,
  ViT,
  viTPreset,
} from "../src/index.ts";
import { maskedPatchLoss, normalizePatches } from "../src/mae/masked-patch-loss.ts";
import {
  countParameters,
  expectGradientsAreDifferences,
  expectLossesAgree,
  expectNothingLeft,
  inFolder,
  keysOf,
  noise,
  renamed,
} from "./checks.ts";
import { entry, expectClose, expectGradientsAgree, goldenFolder, goldenTensor, readGolden } from "./golden.ts";

const [huggingFace, facebookResearch] = maeLayouts;
const tiny: Partial<MAEConfig> = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 48,
  decoderHiddenSize: 16,
  decoderNumHiddenLayers: 1,
  decoderNumAttentionHeads: 2,
  decoderIntermediateSize: 32,
};

test.each(["mae", "mae_norm_pix"])("G1: %s: latents, predictions, loss and every gradient are Hugging Face's", async (name) => {
  using model = await MAE.fromPretrained(goldenFolder(name));
  const golden = await readGolden(name);
  expect(model.training).toBe(false);
  expect(model.config.normPixLoss).toBe(name === "mae_norm_pix");
  scope(() => {
    const [images, given] = [goldenTensor(golden, "pixel_values"), goldenTensor(golden, "noise")];
    const { predicted, loss, mask } = model.forward(images, given);
    expectClose(predicted.data, entry(golden, "logits").values, 1e-5, "predicted");
    expectClose(loss.data, entry(golden, "loss").values, 1e-5, "loss");
    expect([...mask.mask.data]).toEqual([...entry(golden, "mask").values]);
    expect([...mask.restoreIds.data]).toEqual([...entry(golden, "ids_restore").values]);
    const latent = noGrad(() => model.encode(images, mask.keptIds));
    expectClose(latent.data, entry(golden, "latent").values, 1e-5, "latent");
    backward(loss);
    expectGradientsAgree(golden, model, huggingFace);
    model.zeroGrad();
  });
});

test.each([
  [false, "loss"],
  [true, "loss_norm_pix"],
])("G1: the fixture of transformers 5.18, norm_pix_loss %s", async (normPixLoss, lossKey) => {
  using model = await MAE.fromPretrained(goldenFolder("mae_fixture"), { config: { normPixLoss } });
  const golden = await readGolden("mae_fixture");
  noGrad(() => {
    const images = goldenTensor(golden, "pixel_values");
    const { predicted, loss, mask } = model.forward(images, goldenTensor(golden, "noise"));
    expectClose(predicted.data, entry(golden, "logits").values);
    expectClose(loss.data, entry(golden, lossKey).values);
    expect([...mask.restoreIds.data]).toEqual([...entry(golden, "ids_restore").values]);
    expectClose(model.encode(images, mask.keptIds).data, entry(golden, "latent").values);
    expectClose(patchify(images, 4, "channelsLast").data, entry(golden, "patchified").values, 0);
  });
});

test.each(["mae", "mae_norm_pix"])("G1: %s: ten steps of AdamW lose as PyTorch's", async (name) => {
  using model = await MAE.fromPretrained(goldenFolder(name));
  const golden = await readGolden(name);
  const loss = (): Tensor => model.forward(goldenTensor(golden, "pixel_values"), goldenTensor(golden, "noise")).loss;
  expectLossesAgree(model, loss, entry(golden, "losses").values);
});

test("G1: gradients agree with finite differences of the loss, in training and with normalised targets", async () => {
  using model = await MAE.fromPretrained(goldenFolder("mae_norm_pix"));
  const golden = await readGolden("mae_norm_pix");
  expectGradientsAreDifferences(
    model.train(),
    () => model.forward(goldenTensor(golden, "pixel_values"), goldenTensor(golden, "noise")).loss,
  );
});

test("G2: saved under the hub's names and loaded back, it is the same model", () =>
  inFolder(async (folder) => {
    using model = await MAE.fromPretrained(goldenFolder("mae"));
    await model.savePretrained(folder);
    expect(await keysOf(folder)).toEqual(await keysOf(goldenFolder("mae")));
    const config = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
    expect(config).toMatchObject({
      model_type: "vit_mae",
      architectures: ["ViTMAEForPreTraining"],
      decoder_num_hidden_layers: 2,
      mask_ratio: 0.75,
    });
    using again = await MAE.fromPretrained(folder);
    expect(again.config).toEqual(model.config);
    noGrad(() => {
      const images = noise([2, 3, 16, 16], 1);
      const given = model.drawNoise(images, new Rng(2));
      expect(again.forward(images, given).predicted.data).toEqual(model.forward(images, given).predicted.data);
    });
  }));

test("G2: the authors' names load too, sizes read off the shapes", async () => {
  const encoder = /^vit\.encoder\.layer\.(\d+)\.(.*)$/;
  const parts: Record<string, string> = {
    "attention.output.dense": "attn.proj",
    layernorm_before: "norm1",
    layernorm_after: "norm2",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
  };
  using model = await MAE.fromPretrained(goldenFolder("mae"));
  // Query, key and value are one entry there: take those from the model by saving it under that layout.
  await inFolder(async (folder) => {
    const { saveModule } = await import("@x/layers");
    await saveModule(model, facebookResearch, folder);
    const expected = (await keysOf(goldenFolder("mae"))).flatMap((key) => {
      if (/\.(key|value)\./.test(key)) return [];
      const plain = key
        .replace(encoder, "blocks.$1.$2")
        .replace(/^decoder\.decoder_layers\./, "decoder_blocks.")
        .replace("attention.attention.query", "attn.qkv")
        .replace(/^decoder\./, "");
      const renamedKey = Object.entries(parts).reduce((text, [from, to]) => text.replace(`.${from}.`, `.${to}.`), plain);
      return renamedKey
        .replace("vit.embeddings.cls_token", "cls_token")
        .replace("vit.embeddings.position_embeddings", "pos_embed")
        .replace("vit.embeddings.patch_embeddings.projection", "patch_embed.proj")
        .replace("vit.layernorm", "norm");
    });
    expect(await keysOf(folder)).toEqual(expected.sort());
    const files = new Map([
      ["config.json", new TextEncoder().encode('{ "num_heads": 3, "decoder_num_heads": 2 }')],
      ["model.safetensors", new Uint8Array(await readFile(`${folder}/model.safetensors`))],
    ]);
    using again = await MAE.fromPretrained(files, { config: { layerNormEps: 1e-12 } });
    expect(again.config).toEqual(model.config);
    noGrad(() => {
      const images = noise([1, 3, 16, 16], 3);
      const given = model.drawNoise(images, new Rng(4));
      expect(again.forward(images, given).loss.item()).toBe(model.forward(images, given).loss.item());
    });
  });
});

test.each([
  ["ViT-B/16", 111_907_840],
  ["ViT-L/16", 329_541_888],
  ["ViT-H/14", 657_074_508],
])("G3: MAE with %s has the published number of parameters", async (name, count) => {
  expect(await countParameters(() => new MAE(viTPreset(name), new Rng(0)))).toBe(count);
});

test("G4: the encoder's attentions and hidden states are Hugging Face's", async () => {
  using model = await MAE.fromPretrained(goldenFolder("mae"));
  const golden = await readGolden("mae");
  noGrad(() => {
    const trace = new Trace();
    model.forward(goldenTensor(golden, "pixel_values"), goldenTensor(golden, "noise"), { trace });
    expect(trace.attentions.map(({ shape }) => shape)).toEqual([
      [2, 3, 5, 5],
      [2, 3, 5, 5],
    ]);
    expectClose(trace.attentions[0]!.data, entry(golden, "attention.0").values);
    expectClose(trace.hiddenStates[0]!.data, entry(golden, "hidden.0").values);
    expectClose(trace.hiddenStates[1]!.data, entry(golden, "hidden.1").values);
  });
});

test("M1: the encoder runs on visible patches only", async () => {
  using model = await MAE.fromConfig(tiny);
  noGrad(() => {
    const images = noise([2, 3, 16, 16], 1);
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
    expect(model.encode(images, mask.keptIds).data).toEqual(before);
  });
});

test("M1: a visible patch keeps its own position, whatever the order it comes in", async () => {
  using model = await MAE.fromConfig(tiny);
  noGrad(() => {
    const images = noise([1, 3, 16, 16], 3);
    const latent = model.encode(images, intTensor([[2, 7, 11]]));
    const turned = model.encode(images, intTensor([[11, 2, 7]]));
    expectClose(gatherTokens(turned, intTensor([[0, 2, 3, 1]])).data, latent.data, 1e-5);
  });
});

test("M2: the decoder gets latents and mask tokens at the patches' own places", async () => {
  // Without blocks each place shows what stands in it.
  using model = await MAE.fromConfig({ ...tiny, decoderNumHiddenLayers: 0 });
  const { decoder } = model;
  noGrad(() => {
    const images = noise([1, 3, 16, 16], 4);
    const { predicted, mask } = model.forward(images, model.drawNoise(images, new Rng(5)));
    const latents = decoder.embed.forward(model.encode(images, mask.keptIds)); // (1, 1 + K, E)
    const kept = [...mask.keptIds.data];
    for (let patch = 0; patch < 16; patch++) {
      const rank = kept.indexOf(patch);
      const token = rank < 0 ? decoder.maskToken : slice(latents, 1, 1 + rank, 2 + rank);
      const shown = decoder.pred.forward(decoder.norm.forward(add(token, slice(decoder.posEmbed, 1, 1 + patch, 2 + patch))));
      expectClose(slice(predicted, 1, patch, patch + 1).data, shown.data, 1e-5, `patch ${patch}, ${rank < 0 ? "masked" : "visible"}`);
    }
  });
});

test("M3: every masked patch is one shared learned vector", async () => {
  using model = await MAE.fromConfig({ ...tiny, decoderNumHiddenLayers: 0 });
  expect(model.decoder.maskToken.shape).toEqual([1, 1, 16]);
  model.decoder.posEmbed.data.fill(0);
  scope(() => {
    const images = noise([1, 3, 16, 16], 6);
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

test("M4: by default three quarters are masked, and the encoder costs less than a third, in operations and in memory", async () => {
  expect(maeDefaults.maskRatio).toBe(0.75);
  const { numVisible, encoderFlops, encoderFlopsUnmasked, decoderFlops } = maeCost({ ...maeDefaults, ...viTPreset("ViT-L/16") });
  expect(numVisible).toBe(50);
  expect(encoderFlopsUnmasked / encoderFlops).toBeGreaterThan(3.9);
  expect(decoderFlops / encoderFlopsUnmasked).toBeLessThan(0.1); // §3: less than 10 % of the computation per token

  using model = await MAE.fromConfig({ ...tiny, imageSize: 64, hiddenSize: 48, intermediateSize: 192 });
  const held = (ratio: number): number =>
    scope(() => {
      const images = noise([2, 3, 64, 64], 8);
      const { keptIds } = randomMasking(model.drawNoise(images, new Rng(9)), ratio);
      const before = liveBytes();
      model.encode(images, keptIds);
      return liveBytes() - before;
    });
  expect(held(0) / held(0.75)).toBeGreaterThan(3);
});

test("M5: the loss is of masked patches only", async () => {
  await init();
  noGrad(() => {
    const [predicted, target] = [noise([2, 4, 6], 10), noise([2, 4, 6], 11)];
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

test("M5: normalised targets have mean 0 and unbiased variance 1 in each patch", async () => {
  await init();
  noGrad(() => {
    const normalized = normalizePatches(noise([2, 3, 48], 12)).data;
    for (let patch = 0; patch < 6; patch++) {
      const values = [...normalized.subarray(patch * 48, (patch + 1) * 48)];
      const centre = values.reduce((a, b) => a + b) / 48;
      expect(centre).toBeCloseTo(0, 5);
      expect(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 47).toBeCloseTo(1, 4);
    }
  });
});

test("M6: the decoder may be one block of another width; the encoder knows nothing of it", async () => {
  using small = await MAE.fromConfig({
    ...tiny,
    decoderNumHiddenLayers: 1,
    decoderHiddenSize: 8,
    decoderNumAttentionHeads: 1,
    decoderIntermediateSize: 16,
  });
  using large = await MAE.fromConfig({ ...tiny, decoderNumHiddenLayers: 4, decoderHiddenSize: 32, decoderNumAttentionHeads: 4 });
  expect(small.decoder.blocks).toHaveLength(1);
  expect(small.decoder.numParameters / small.numParameters).toBeLessThan(0.25);
  const encoderOf = (model: MAE): number => model.numParameters - model.decoder.numParameters;
  expect(encoderOf(small)).toBe(encoderOf(large));
  noGrad(() => {
    const images = noise([1, 3, 16, 16], 13);
    for (const model of [small, large])
      expect(model.forward(images, model.drawNoise(images, new Rng(1))).predicted.shape).toEqual([1, 16, 48]);
  });
});

test("M7: a new mask at every call, the same from the same seed, and no patch is preferred", async () => {
  using model = await MAE.fromConfig(tiny);
  noGrad(() => {
    const images = noise([400, 3, 16, 16], 14);
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

/** Stripes of one of four directions: (count, 3, 16, 16), with their direction. */
function stripes(count: number, seed: number): [images: Tensor, labels: Tensor<"int32">] {
  const phases = noise([count], seed).toTypedArray();
  const values = Float32Array.from({ length: count * 768 }, (_, at) => {
    const [image, pixel] = [Math.floor(at / 768), at % 256];
    const angle = (Math.PI * (image % 4)) / 4;
    return Math.sin(1.3 * ((pixel % 16) * Math.cos(angle) + Math.floor(pixel / 16) * Math.sin(angle)) + 6 * (phases[image] ?? 0));
  });
  return [tensor(values, [count, 3, 16, 16]), intTensor(Array.from({ length: count }, (_, i) => i % 4))];
}

test("M8: pre-trained, saved, and its encoder alone fine-tuned and linearly probed", { timeout: 120_000 }, () =>
  inFolder(async (folder) => {
    using mae = await MAE.fromConfig({ ...tiny, maskRatio: 0.5 }, { rng: new Rng(16) });
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
        const logits = logitsOf(images).data;
        const guesses = [...labels.data].map((_, i) =>
          [0, 1, 2, 3].reduce((best, k) => ((logits[4 * i + k] ?? 0) > (logits[4 * i + best] ?? 0) ? k : best), 0),
        );
        return guesses.filter((guess, i) => guess === labels.data[i]).length / guesses.length;
      });

    using encoder = await ViT.fromPretrained(folder);
    noGrad(() => {
      const [images] = stripes(4, 1);
      expect(encoder.encode(images).data).toEqual(mae.encode(images).data);
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

test.each(["mae", "mae_norm_pix"])(
  "M8: %s: a ViT takes the encoder and passes the decoder over, with a new head of zeros",
  async (name) => {
    using mae = await MAE.fromPretrained(goldenFolder(name));
    for (const pooling of ["cls", "mean"] as const) {
      using model = await ViT.fromPretrained(goldenFolder(name), { labels: ["cat", "dog"], config: { pooling, dropPathRate: 0.1 } });
      expect(model.blocks.map(({ dropPath }) => dropPath?.p)).toEqual([0, 0.1]);
      noGrad(() => {
        const images = noise([2, 3, 16, 16], 19);
        expect([...model.forward(images).data]).toEqual([0, 0, 0, 0]);
        const tokens = model.encode(images);
        const normed = pooling === "mean" ? model.norm.forward(tokens) : tokens;
        expectClose(normed.data, mae.encode(images).data, 1e-5);
      });
    }
  },
);

test("M8: layer-wise decay: the head learns fastest, the patches slowest, and vectors don't decay", async () => {
  using model = await ViT.fromConfig({ ...tiny, numLabels: 3 });
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

test("M8: a linear probe normalises with the batch in training, with what it has seen in evaluation", async () => {
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
    expectClose(probe.train().forward(features).data, [-1, -1, 1, 1]);
    expectClose(probe.runningMean.data, [1, 10]); // half of the batch's 2 and 20
    expectClose(probe.runningVariance.data, [0.5 + 1, 0.5 + 100]); // half of 1, half of the unbiased 2 and 200
    expectClose(probe.eval().forward(features).data, [0, 0, 2 / Math.sqrt(1.5), 20 / Math.sqrt(100.5)]);
    expectClose(probe.runningMean.data, [1, 10]);
  });
});

test("M9: masked and kept positions by the first of the sorted noise, and by the authors' convention", async () => {
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

test("M9: NumPy's noise of seed 2 keeps the patches that Hugging Face's test keeps", async () => {
  await init();
  const golden = await readGolden("mae_fixture");
  scope(() => {
    const { keptIds } = randomMasking(reshape(goldenTensor(golden, "noise_numpy_seed_2"), [1, 196]), 0.75);
    expect([...keptIds.data]).toEqual([...entry(golden, "kept_numpy_seed_2").values]);
  });
});

test("M9: kept and masked patches make up all, restoring undoes the shuffle, either way around", async () => {
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

test("M10: visible patches are shown as they are, masked ones as predicted, normalised ones brought back", async () => {
  for (const normPixLoss of [false, true]) {
    using model = await MAE.fromPretrained(goldenFolder("mae"), { config: { normPixLoss } });
    const golden = await readGolden("mae");
    noGrad(() => {
      const images = goldenTensor(golden, "pixel_values");
      const given = goldenTensor(golden, "noise");
      const shown = reconstruct(model, images, given);
      const { mask, predicted } = model.forward(images, given);
      const parts = Object.fromEntries(Object.entries(shown).map(([name, picture]) => [name, patchify(picture, 4, "channelsLast").data]));
      const original = patchify(images, 4, "channelsLast").data;
      for (let patch = 0; patch < 32; patch++) {
        const range = [patch * 48, (patch + 1) * 48] as const;
        const own = [...original.subarray(...range)];
        const centre = own.reduce((a, b) => a + b) / 48;
        const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 47 + 1e-6);
        const expected = [...predicted.data.subarray(...range)].map((value) => (normPixLoss ? value * deviation + centre : value));
        const isMasked = mask.mask.data[patch] === 1;
        expectClose(parts["predicted"]!.subarray(...range), expected, 1e-5);
        expect([...parts["visible"]!.subarray(...range)].map((value) => value + 0)).toEqual(isMasked ? new Array(48).fill(0) : own);
        if (isMasked) expectClose(parts["completed"]!.subarray(...range), expected, 1e-5);
        else expect([...parts["completed"]!.subarray(...range)]).toEqual(own);
      }
    });
  }
});

test("positions are the authors' sines and cosines", async () => {
  const golden = await readGolden("mae_fixture");
  expectClose(sinCosPositions(4, 24), entry(golden, "sincos").values, 1e-6);
  using model = await MAE.fromConfig(tiny);
  expectClose(model.posEmbed.data, entry(golden, "sincos").values, 1e-6);
});

test("images of other sizes work, with positions resampled in both encoder and decoder", async () => {
  using model = await MAE.fromConfig(tiny);
  noGrad(() => {
    const images = noise([2, 3, 24, 20], 21);
    const given = model.drawNoise(images, new Rng(22));
    expect(given.shape).toEqual([2, 30]);
    expect(model.forward(images, given).predicted.shape).toEqual([2, 30, 48]);
    expect(reconstruct(model, images, given).completed.shape).toEqual([2, 3, 24, 20]);
  });
});

test("training and inference leave no byte behind", async () => {
  using model = await MAE.fromConfig(tiny);
  const rng = new Rng(23);
  expectNothingLeft(model.train(), () => {
    const images = noise([2, 3, 16, 16], 24);
    return model.forward(images, model.drawNoise(images, rng)).loss;
  });
});

test("what isn't a masked autoencoder is refused", async () => {
  await expect(MAE.fromPretrained(goldenFolder("vit"))).rejects.toThrow(
    "this is not a masked autoencoder (expected model_type vit_mae, found vit)",
  );
  const encoderAlone = await renamed("timm_vit", (key) => key);
  await expect(MAE.fromPretrained(encoderAlone)).rejects.toThrow("this is not a masked autoencoder; load an encoder alone as a ViT");
});
