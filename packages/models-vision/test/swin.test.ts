import { readFile } from "node:fs/promises";
import { add, backward, crossEntropy, init, intTensor, mean, noGrad, Rng, scope, tensor, Trace } from "@x/layers";
import { countParameters, expectClose, inFolder, normal } from "@x/testing";
import { expect, test } from "vitest";
import { Swin, swinDefaults, swinLayouts, swinPreset } from "../src/index.ts";
import { PatchMerging } from "../src/swin/patch-merging.ts";
import { renamed, tinySwin } from "./models.ts";
import { goldenFolder, readGolden } from "./golden.ts";

test("the fixture of transformers 5.18, a padded image included", async () => {
  using model = await Swin.fromPretrained(goldenFolder("swin_fixture"));
  const golden = await readGolden("swin_fixture");
  noGrad(() => {
    const images = golden.tensor("pixel_values");
    const trace = new Trace({ attentions: false });
    const tokens = model.encode(images, { trace });
    expectClose(tokens.toTypedArray(), golden.values("last_hidden_state"));
    expectClose(mean(tokens, 1).toTypedArray(), golden.values("pooler_output"));
    expectClose(trace.hiddenStates[1]!.toTypedArray(), golden.values("stage0_out"));
    expectClose(model.forward(images).toTypedArray(), golden.values("logits"));
    expectClose(model.forward(golden.tensor("pixel_values_28x36")).data, golden.values("logits_28x36"));
  });
});

test("the fixture of timm 1.0.29", async () => {
  using model = await Swin.fromPretrained(goldenFolder("timm_swin_fixture"));
  const golden = await readGolden("timm_swin_fixture");
  noGrad(() => {
    const images = golden.tensor("pixel_values");
    expectClose(model.encode(images).toTypedArray(), golden.values("features"));
    expectClose(model.forward(images).toTypedArray(), golden.values("logits"));
  });
});

test("timm's, saved, stays timm's in how it cuts odd maps", () =>
  inFolder(async (folder) => {
    using model = await Swin.fromPretrained(goldenFolder("timm_swin_padded"));
    expect(model.config).toMatchObject({
      windowing: "timm",
      depths: [2, 2, 2],
      numHeads: [1, 2, 4],
      windowSize: 4,
      mlpRatio: 4,
      imageSize: [28, 36],
    });
    await model.savePretrained(folder);
    using again = await Swin.fromPretrained(folder);
    noGrad(() => {
      const images = normal([1, 3, 28, 36], 2);
      expect(again.forward(images).toTypedArray()).toEqual(model.forward(images).data);
    });
  }));

test("Microsoft's names load too: merging at the end of a stage, a plain head, and tables that nobody needs", async () => {
  const toMicrosoft = (key: string): string =>
    key.replace(/^layers\.(\d+)\.downsample/, (_, stage) => `layers.${Number(stage) - 1}.downsample`).replace("head.fc", "head");
  const more = { "layers.0.blocks.1.attn_mask": [64, 16, 16], "layers.0.blocks.0.attn.relative_position_index": [16, 16] };
  const golden = await readGolden("timm_swin_padded");
  for (const extra of [{}, more]) {
    using model = await Swin.fromPretrained(await renamed("timm_swin_padded", toMicrosoft, { more: extra }));
    noGrad(() => expectClose(model.forward(golden.tensor("pixel_values")).data, golden.values("logits")));
  }
  expect(swinLayouts[2].name).toBe("Microsoft");
});

test("a bare SwinModel loads without its prefix, and SimMIM's decoder is passed over", async () => {
  const config = JSON.parse(await readFile(`${goldenFolder("swin")}/config.json`, "utf8"));
  const bare = await renamed("swin", (key) => (key.startsWith("classifier") ? undefined : key.replace("swin.", "")), { config });
  const simMIM = await renamed("swin", (key) => (key.startsWith("classifier") ? undefined : key), {
    config,
    more: { "swin.embeddings.mask_token": [1, 1, 8], "decoder.0.weight": [3072, 16, 1, 1], "decoder.0.bias": [3072] },
  });
  const golden = await readGolden("swin");
  for (const files of [bare, simMIM]) {
    using model = await Swin.fromPretrained(files);
    expect(model.head).toBeUndefined();
    noGrad(() => expect(model.forward(golden.tensor("pixel_values")).shape).toEqual([2, 16]));
  }
});

test("windows may differ from stage to stage, as in timm's models for small images and swin_s3", () =>
  inFolder(async (folder) => {
    using model = await Swin.fromConfig({ ...tinySwin, windowSize: [4, 2] });
    await model.savePretrained(folder);
    using again = await Swin.fromPretrained(folder);
    expect(again.config.windowSize).toEqual([4, 2]);
    noGrad(() => {
      const images = normal([1, 3, 32, 32], 3);
      expect(again.forward(images).toTypedArray()).toEqual(model.forward(images).data);
    });
  }));

test("a new head replaces the checkpoint's", async () => {
  for (const name of ["swin", "timm_swin"]) {
    using model = await Swin.fromPretrained(goldenFolder(name), { labels: ["cat", "dog"], config: { dropPathRate: 0.2 } });
    expect(model.config).toMatchObject({ id2label: { 0: "cat", 1: "dog" }, numLabels: 2, dropPathRate: 0.2 });
    noGrad(() => expect(model.forward(normal([1, 3, 32, 32], 4)).shape).toEqual([1, 2]));
  }
});

test("a name that isn't one is refused", () => {
  expect(() => swinPreset("Swin-XL")).toThrow('swinPreset: expected one of Swin-T, Swin-S, Swin-B, Swin-L, but found "Swin-XL"');
});

test("patches are a convolution of kernel and stride 4, then a norm; odd images are padded below and to the right", async () => {
  expect(swinDefaults.patchSize).toBe(4);
  using model = await Swin.fromConfig(tinySwin);
  expect(model.patchEmbed.weight.shape).toEqual([8, 3, 4, 4]);
  noGrad(() => {
    const images = normal([1, 3, 8, 8], 5);
    const [x, w] = [images.data, model.patchEmbed.weight.data];
    const convolved = Array.from({ length: 4 * 8 }, (_, at) => {
      const [patch, d] = [Math.floor(at / 8), at % 8];
      let value = 0;
      for (let c = 0; c < 3; c++) {
        for (let i = 0; i < 16; i++) {
          const [row, column] = [4 * Math.floor(patch / 2) + Math.floor(i / 4), 4 * (patch % 2) + (i % 4)];
          value += (x[c * 64 + row * 8 + column] ?? 0) * (w[(d * 3 + c) * 16 + i] ?? 0);
        }
      }
      return value;
    });
    const { tokens, size } = model.embed(images);
    expect(size).toEqual([2, 2]);
    expectClose(tokens.toTypedArray(), model.patchNorm.forward(tensor(convolved, [1, 4, 8])).data);
    expect(model.embed(normal([1, 3, 9, 5], 5)).size).toEqual([3, 2]);
  });
});

test("merging joins 2 × 2 patches, 4C → 2C, and halves the map, rounding up", async () => {
  await init();
  using merging = new PatchMerging(3).initialize(new Rng(6));
  expect(merging.reduction.weight.shape).toEqual([6, 12]);
  expect(merging.reduction.bias).toBeUndefined();
  noGrad(() => {
    const x = tensor(
      Array.from({ length: 5 * 4 * 3 }, (_, i) => i),
      [1, 20, 3],
    );
    const merged = merging.forward(x, [5, 4]);
    expect(merged.shape).toEqual([1, 3 * 2, 6]);
    const at = (row: number, column: number): number[] => [0, 1, 2].map((c) => (row < 5 ? (row * 4 + column) * 3 + c : 0));
    const joined = [0, 2, 4].flatMap((row) =>
      [0, 2].flatMap((column) => [...at(row, column), ...at(row + 1, column), ...at(row, column + 1), ...at(row + 1, column + 1)]),
    );
    expectClose(merged.toTypedArray(), merging.reduction.forward(merging.norm.forward(tensor(joined, [1, 6, 12]))).data);
  });
});

test("every stage's map is there for detection and segmentation: C, 2C, 4C, 8C at 1/4 … 1/32", async () => {
  using model = await Swin.fromConfig({ ...tinySwin, depths: [1, 2, 1, 1], numHeads: [1, 2, 4, 8] });
  noGrad(() => {
    const images = normal([2, 3, 64, 96], 7);
    const maps = model.features(images);
    expect(maps.map(({ size }) => size)).toEqual([
      [16, 24],
      [8, 12],
      [4, 6],
      [2, 3],
    ]);
    expect(maps.map(({ tokens }) => tokens.shape)).toEqual([
      [2, 384, 8],
      [2, 96, 16],
      [2, 24, 32],
      [2, 6, 64],
    ]);
    expect(model.norm.forward(maps[3]!.tokens).toTypedArray()).toEqual(model.encode(images).data);
  });
});

test("stochastic depth rises from 0 to its rate over all blocks, and acts in training only", async () => {
  const rates: number[] = [];
  await countParameters(() => {
    const model = new Swin(swinPreset("Swin-T"), new Rng(0));
    rates.push(...model.stages.flatMap(({ blocks }) => blocks.map(({ dropPath }) => dropPath?.p ?? Number.NaN)));
    return model;
  });
  expectClose(
    rates,
    Array.from({ length: 12 }, (_, i) => (0.1 * i) / 11),
    "values",
    1e-12,
  );

  using model = await Swin.fromConfig({ ...tinySwin, dropPathRate: 0.5 }, { rng: new Rng(11) });
  noGrad(() => {
    const images = normal([1, 3, 32, 32], 12);
    const run = (): number[] => [...model.forward(images).data];
    expect(run()).toEqual(run());
    model.train();
    const runs = Array.from({ length: 12 }, () => run().join());
    expect(new Set(runs).size).toBeGreaterThan(1);
    expect(new Set(runs).size).toBeLessThanOrEqual(2 ** 6); // three blocks with two branches each that may be dropped
    model.eval();
    expect(run()).toEqual(run());
  });
});

test("dropout and attention dropout draw in training only", async () => {
  using model = await Swin.fromConfig({ ...tinySwin, hiddenDropoutProb: 0.2, attentionProbsDropoutProb: 0.2, dropPathRate: 0 });
  const images = normal([1, 3, 32, 32], 13);
  const run = (): number[] => noGrad(() => [...model.forward(images).data]);
  expect(run()).toEqual(run());
  model.train();
  expect(run()).not.toEqual(run());
  scope(() => {
    backward(crossEntropy(model.forward(images), intTensor([1])));
    expect(model.parameters().every(({ grad }) => grad?.data.every(Number.isFinite))).toBe(true);
    model.zeroGrad();
  });
});

test("images of two sizes before one walk back", async () => {
  using model = await Swin.fromConfig(tinySwin);
  scope(() => {
    const [square = tensor([0]), wide = tensor([0])] = [
      [32, 32],
      [24, 40],
    ].map(([height = 0, width = 0]) => crossEntropy(model.forward(normal([1, 3, height, width], 14)), intTensor([2])));
    backward(add(square, wide));
    expect(model.parameters().every(({ grad }) => grad !== undefined)).toBe(true);
    model.zeroGrad();
  });
});

test("what isn't a Swin is refused", async () => {
  await expect(Swin.fromPretrained(goldenFolder("vit"))).rejects.toThrow("this is not a Swin (expected model_type swin, found vit)");
  await expect(Swin.fromPretrained(goldenFolder("timm_vit"))).rejects.toThrow("this is not a Swin");
});
