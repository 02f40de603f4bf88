import { readFile } from "node:fs/promises";
import {
  AdamW,
  backward,
  crossEntropy,
  drawNormal,
  init,
  intTensor,
  liveBytes,
  noGrad,
  PatchEmbedding,
  Rng,
  scope,
  summary,
  tensor,
  type Tensor,
  Trace,
  train,
  slice,
  mean,
} from "@x/layers";
import { expectClose, expectNothingLeft, inFolder, normal } from "@x/testing";
import { expect, test } from "vitest";
import { attentionMap, attentionRollout, classify, ViT, viTCost, viTDefaults, viTPreset } from "../src/index.ts";

import { goldenFolder } from "./golden.ts";
import { renamed } from "./models.ts";

const tiny = { imageSize: 16, patchSize: 4, hiddenSize: 24, numHiddenLayers: 2, numAttentionHeads: 3, intermediateSize: 48, numLabels: 5 };

test("a name that isn't one is refused", () => {
  expect(() => viTPreset("ViT-XXL/16")).toThrow(
    'viTPreset: expected a name like "ViT-B/16" with one of Ti, S, B, L, H, but found "ViT-XXL/16"',
  );
});

test("cutting into patches and projecting is a convolution whose stride is its kernel", async () => {
  await init();
  scope(() => {
    const [channels, side, patch, width] = [3, 8, 4, 5];
    const layer = new PatchEmbedding(channels, patch, width).initialize(new Rng(1));
    const images = normal([2, channels, side, side], 2);
    const [x, w] = [images.data, layer.weight.data];
    const expected: number[] = [];
    for (let b = 0; b < 2; b++) {
      for (let row = 0; row < side; row += patch) {
        for (let column = 0; column < side; column += patch) {
          for (let d = 0; d < width; d++) {
            let sum = 0;
            for (let c = 0; c < channels; c++) {
              for (let i = 0; i < patch; i++) {
                for (let j = 0; j < patch; j++) {
                  sum +=
                    (x[((b * channels + c) * side + row + i) * side + column + j] ?? 0) *
                    (w[((d * channels + c) * patch + i) * patch + j] ?? 0);
                }
              }
            }
            expected.push(sum);
          }
        }
      }
    }
    expectClose(layer.forward(images).toTypedArray(), expected);
    layer.dispose();
  });
});

test("positions are one learnable table of (1, 1 + N, D)", async () => {
  using model = await ViT.fromConfig(tiny);
  expect(model.posEmbed?.shape).toEqual([1, 17, 24]);
  scope(() => {
    drawNormal(model.head!.weight, new Rng(1));
    backward(crossEntropy(model.forward(normal([2, 3, 16, 16], 3)), intTensor([0, 1])));
    expect(model.posEmbed?.grad?.data.some((value) => value !== 0)).toBe(true);
    model.zeroGrad();
  });
});

test("the class token stands first; ViT-B's encoder has BERT-base's sizes", async () => {
  expect(viTPreset("ViT-B/16")).toMatchObject({ hiddenSize: 768, numHiddenLayers: 12, numAttentionHeads: 12, intermediateSize: 3072 });
  using model = await ViT.fromConfig(tiny);
  noGrad(() => {
    const embedded = model.embed(normal([1, 3, 16, 16], 1)).data;
    const [cls, position] = [model.clsToken!.data, model.posEmbed!.data];
    expectClose(
      embedded.subarray(0, 24),
      cls.map((value, i) => value + (position[i] ?? 0)),
    );
  });
});

test("a new head, one D × K layer, replaces the checkpoint's; a fresh model's is zeros", async () => {
  using model = await ViT.fromPretrained(goldenFolder("vit"), { labels: ["cat", "dog", "bird"] });
  expect(model.config.id2label).toEqual({ 0: "cat", 1: "dog", 2: "bird" });
  expect(model.head?.weight.shape).toEqual([3, 24]);
  using fresh = await ViT.fromConfig(tiny);
  noGrad(() => expect(new Set(fresh.forward(normal([2, 3, 16, 16], 4)).data)).toEqual(new Set([0])));
});

test("a larger image is a longer sequence of patches of the same size, with interpolated positions", async () => {
  using model = await ViT.fromPretrained(goldenFolder("vit"));
  noGrad(() => {
    expect(model.encode(normal([1, 3, 24, 32], 5)).shape).toEqual([1, 1 + 6 * 8, 24]);
    const same = model.embed(normal([1, 3, 16, 16], 6));
    expect(same.shape).toEqual([1, 17, 24]);
  });
});

test("what doesn't fill a patch is left out, as a convolution does: SigLIP's 384 pixels in patches of 14", async () => {
  using model = await ViT.fromPretrained(goldenFolder("timm_map"));
  noGrad(() => {
    const images = normal([2, 3, 18, 19], 7);
    const whole = slice(slice(images, 2, 0, 16), 3, 0, 16);
    expect(model.forward(images).toTypedArray()).toEqual(model.forward(whole).toTypedArray());
  });
  using so400m = await ViT.fromConfig({ ...tiny, imageSize: 18 });
  expect(so400m.posEmbed?.shape).toEqual([1, 17, 24]);
});

test("DINOv2's head sees the class token beside the mean of the patches; without a head the class token stands for the image", async () => {
  using model = await ViT.fromPretrained(goldenFolder("dinov2_registers"));
  using bare = await ViT.fromPretrained(goldenFolder("dinov2_registers"), {
    config: { numLabels: 0, id2label: {} },
    ignore: ["classifier.*"],
  });
  noGrad(() => {
    const images = normal([1, 3, 16, 16], 8);
    const tokens = model.encode(images);
    const cls = slice(tokens, 1, 0, 1).toTypedArray();
    expect(tokens.shape).toEqual([1, 1 + 2 + 16, 12]);
    expect(model.pool(tokens).shape).toEqual([1, 24]);
    expectClose(model.pool(tokens).toTypedArray(), [...cls, ...mean(slice(tokens, 1, 3), 1).toTypedArray()]);
    expectClose(bare.forward(images).toTypedArray(), cls);
  });
  using tuned = await ViT.fromPretrained(goldenFolder("dinov2_registers"), { labels: ["cat", "dog"] });
  expect(tuned.head?.weight.shape).toEqual([2, 24]);
});

test("timm's norm of what is pooled goes with the mean, unless the arguments ask for it with the class token", async () => {
  const files = (config: object) =>
    renamed("timm_vit", (key) => key.replace(/^norm\./, "fc_norm."), {
      config: { architecture: "vit_x", model_args: { num_heads: 3, ...config } },
    });
  for (const [args, pooling] of [
    [{}, "mean"],
    [{ fc_norm: true }, "cls"],
    [{ global_pool: "token" }, "cls"],
  ] as const) {
    using model = await ViT.fromPretrained(await files(args));
    expect([model.config.pooling, model.config.finalNorm]).toEqual([pooling, "pooled"]);
  }
});

test("timm's models with parts that aren't here are refused by their name", async () => {
  const files = (architecture: string, more: Readonly<Record<string, readonly number[]>> = {}) =>
    renamed("timm_vit", (key) => key, { config: { architecture, model_args: { num_heads: 3 } }, more });
  await expect(ViT.fromPretrained(await files("vit_base_patch16_rope_224"))).rejects.toThrow(
    "vit_base_patch16_rope_224 has a part that isn't known here",
  );
  await expect(ViT.fromPretrained(await files("vit_x", { "blocks.0.attn.q_norm.weight": [8] }))).rejects.toThrow(
    "blocks.0.attn.q_norm.weight",
  );
  await expect(ViT.fromPretrained(await renamed("timm_vit", (key) => key, { config: { global_pool: "max" } }))).rejects.toThrow(
    "global_pool",
  );
});

test("N = H·W / P², and halving P costs attention sixteenfold", () => {
  const base = { ...viTDefaults, ...viTPreset("ViT-B/16") };
  const [coarse, fine] = [viTCost(base), viTCost({ ...base, patchSize: 8 })];
  expect(coarse.numTokens).toBe(1 + 196);
  expect(fine.numTokens).toBe(1 + 784);
  expect((coarse.attentionFlops + coarse.otherFlops) / 1e9).toBeCloseTo(35.1, 0); // 17.6 G multiply-adds
  expect(fine.attentionFlops / coarse.attentionFlops).toBeCloseTo((785 / 197) ** 2, 6);
  expect(fine.otherFlops / coarse.otherFlops).toBeLessThan(4.1);
});

test("pre-training on much data helps a small set: fewer steps to a lower loss than from scratch", { timeout: 120_000 }, async () => {
  // Stripes: what matters is their direction and period; six kinds to pre-train on, four other kinds with few examples.
  const stripes = (kinds: readonly number[], count: number, rng: Rng): [Tensor, Tensor<"int32">] => {
    const phases = normal([count], rng.seed).data.slice();
    const values = Float32Array.from({ length: count * 3 * 256 }, (_, at) => {
      const [image, pixel] = [Math.floor(at / 768), at % 256];
      const kind = kinds[image % kinds.length] ?? 0;
      const angle = (Math.PI * kind) / 10;
      const along = (pixel % 16) * Math.cos(angle) + Math.floor(pixel / 16) * Math.sin(angle);
      return Math.sin(along * 1.3 + 6 * (phases[image] ?? 0));
    });
    return [tensor(values, [count, 3, 16, 16]), intTensor(Array.from({ length: count }, (_, i) => i % kinds.length))];
  };
  const fit = async (model: ViT, kinds: readonly number[], count: number, steps: number): Promise<void> => {
    const optimizer = new AdamW(model.parameters(), { learningRate: 2e-3 });
    await train({
      optimizer,
      steps,
      maxGradientNorm: 1,
      loss: (step) => {
        const [images, labels] = stripes(kinds, count, new Rng(step % 50));
        return crossEntropy(model.forward(images), labels);
      },
    });
    optimizer.dispose();
  };
  const lossOf = (model: ViT, kinds: readonly number[]): number =>
    noGrad(() => {
      const [images, labels] = stripes(kinds, 200, new Rng(999));
      return crossEntropy(model.forward(images), labels).item();
    });
  await inFolder(async (folder) => {
    using large = await ViT.fromConfig({ ...tiny, numLabels: 6, pooling: "mean" }, { rng: new Rng(1) });
    await fit(large, [0, 2, 4, 6, 8, 9], 48, 250);
    await large.savePretrained(folder);
    const [few, small] = [[1, 3, 5, 7], 16];
    using tuned = await ViT.fromPretrained(folder, { labels: ["a", "b", "c", "d"] });
    using scratch = await ViT.fromConfig({ ...tiny, numLabels: 4, pooling: "mean" }, { rng: new Rng(2) });
    await fit(tuned, few, small, 40);
    await fit(scratch, few, small, 40);
    expect(lossOf(tuned, few)).toBeLessThan(0.8 * lossOf(scratch, few));
  });
});

test("a summary tells every parameter and their number", async () => {
  using model = await ViT.fromConfig(tiny);
  const text = summary(model);
  expect(text).toContain("blocks.0.mixer.qkv.weight");
  expect(text).toContain("(72, 24)");
  expect(text.endsWith("11 525 parameters, 11 525 trainable")).toBe(true);
});

test("attentions and hidden states on request; the rollout's rows sum to 1", async () => {
  using model = await ViT.fromPretrained(goldenFolder("vit"));
  noGrad(() => {
    const images = normal([2, 3, 16, 16], 8);
    const trace = new Trace();
    const traced = model.forward(images, { trace });
    expectClose(traced.toTypedArray(), model.forward(images).data, "with and without attentions");
    expect(trace.attentions.map(({ shape }) => shape)).toEqual([
      [2, 3, 17, 17],
      [2, 3, 17, 17],
    ]);
    expect(trace.hiddenStates.map(({ shape }) => shape)).toEqual([
      [2, 17, 24],
      [2, 17, 24],
      [2, 17, 24],
    ]);
    const rollout = attentionRollout(trace.attentions).data;
    for (let row = 0; row < 2 * 17; row++) expect(rollout.subarray(row * 17, (row + 1) * 17).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(attentionMap(model, images).shape).toEqual([2, 4, 4]);
  });
});

test("1 000 inferences and 200 training steps leave no byte behind", { timeout: 120_000 }, async () => {
  using model = await ViT.fromConfig(tiny);
  expectNothingLeft(model, () => crossEntropy(model.forward(normal([2, 3, 16, 16], 9)), intTensor([0, 1])), {
    steps: 200,
    inferences: 1000,
  });
});

test("classify: the likeliest labels of images from raw pixels, in the order of probability", async () => {
  using model = await ViT.fromPretrained(goldenFolder("vit"));
  const image = { width: 20, height: 30, data: Uint8Array.from({ length: 1800 }, (_, i) => i % 256) };
  const best = await classify(model, image, { topK: 3 });
  expect(best).toHaveLength(3);
  expect(best[0]!.probability).toBeGreaterThanOrEqual(best[1]!.probability);
  const lists = await classify(model, [image, image, image], { topK: 5, batchSize: 2 });
  expect(lists).toHaveLength(3);
  expect(lists[2]!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  await expect(classify(model, [image], { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("a checkpoint that isn't a ViT, or lacks parameters, is refused with their names", async () => {
  await expect(
    ViT.fromPretrained(
      new Map([
        ["config.json", new TextEncoder().encode('{"model_type":"bert"}')],
        ["model.safetensors", await readFile(`${goldenFolder("vit")}/model.safetensors`)],
      ]),
    ),
  ).rejects.toThrow("this is not a ViT (expected model_type vit, deit, vit_msn, vit_mae, dinov2 or dinov2_with_registers, found bert)");
  const config = JSON.parse(await readFile(`${goldenFolder("vit")}/config.json`, "utf8"));
  const files = new Map([
    ["config.json", new TextEncoder().encode(JSON.stringify({ ...config, num_hidden_layers: 3 }))],
    ["model.safetensors", await readFile(`${goldenFolder("vit")}/model.safetensors`)],
  ]);
  const before = liveBytes();
  await expect(ViT.fromPretrained(files)).rejects.toThrow(/missing.*blocks\.2\.norm1\.weight/s);
  expect(liveBytes()).toBe(before);
});
