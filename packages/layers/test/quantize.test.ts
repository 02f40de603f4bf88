/** Weights of linear layers in whole numbers: near enough, a quarter of the memory, and no way to use them for what they can't do. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { checkForLeaks, expectClose, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  activate,
  type Activation,
  add,
  backward,
  drawNormal,
  Embedding,
  init,
  intTensor,
  isInt8,
  Linear,
  linear,
  liveBytes,
  Module,
  noGrad,
  openCheckpoint,
  Parameter,
  quantize,
  Rng,
  scope,
  sum,
  summary,
  type Tensor,
  transpose,
} from "../src/index.ts";
import { loadModule, weightsOf } from "../src/model.ts";
import { encodeSafetensors, saveModule } from "../src/save.ts";
import { toInt8 } from "../src/ops/matmul/packed-weight.ts";

beforeAll(() => init({ threads: 2 }));
checkForLeaks();

function filled(inFeatures: number, outFeatures: number, seed = 1): Linear {
  const layer = new Linear(inFeatures, outFeatures);
  drawNormal(layer.weight, new Rng(seed));
  if (layer.bias) drawNormal(layer.bias, new Rng(seed + 1));
  return layer;
}

/** Words in, words out by the same matrix, with two layers between. */
class Model extends Module {
  readonly words: Embedding = new Embedding(40, 64);
  readonly first: Linear = new Linear(64, 64);
  readonly second: Linear = new Linear(64, 64, { bias: false });

  /** ids (N) → scores (N, 40) */
  forward(ids: Tensor<"int32">): Tensor {
    return linear(this.second.forward(this.first.forward(this.words.forward(ids), { activation: "gelu" })), this.words.weight);
  }
}

const model = (): Model => new Model().initialize(new Rng(1));
const scores = (of: Model): Float32Array => scope(() => noGrad(() => of.forward(intTensor([3, 1, 4, 1, 5]))).toTypedArray());
const paths = ["first.weight", "second.weight"];

const layout = { name: "as it is", table: { "*": "*" } };

describe("a linear layer", () => {
  test("|ŷ - y| ≤ ½s·Σ|w| + ½t·Σ|x̂| for every number, s the step of x's row in 255, t of the weight's in 127", () => {
    fc.assert(
      fc.property(fc.nat(9), fc.integer({ min: 1, max: 70 }), fc.nat(20), fc.nat(1000), (m, k, n, seed) => {
        scope(() => {
          using layer = filled(k, n, seed);
          const x = normal([m, k], seed + 5);
          const weight = layer.weight.toTypedArray();
          const expected = noGrad(() => layer.forward(x)).toTypedArray();
          toInt8(layer.weight);
          const actual = noGrad(() => layer.forward(x)).toTypedArray();
          const step = (row: Float32Array, steps: number): number => (Math.max(0, ...row) - Math.min(0, ...row)) / steps;
          const absolute = (row: Float32Array): number => row.reduce((total, value) => total + Math.abs(value), 0);
          for (const [i, value] of actual.entries()) {
            const row = x.data.subarray(Math.floor(i / n) * k, Math.floor(i / n) * k + k);
            const column = weight.subarray((i % n) * k, (i % n) * k + k);
            const [s, t] = [step(row, 255), step(column, 127)];
            const bound = 0.5 * (s * absolute(column) + t * (absolute(row) + 0.5 * s * k)) + 1e-5;
            expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThanOrEqual(bound);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  test("of normal numbers: the relative error is that of two uniform roundings, √(s²/12 + t²/12), 1.6 % at 768 features", () => {
    scope(() => {
      using layer = filled(768, 256);
      const x = normal([32, 768], 3);
      const expected = noGrad(() => layer.forward(x)).toTypedArray();
      toInt8(layer.weight);
      const actual = noGrad(() => layer.forward(x)).toTypedArray();
      const error = Math.hypot(...actual.map((value, i) => value - (expected[i] ?? 0))) / Math.hypot(...expected);
      const range = 2 * 3.2; // of 768 normal numbers
      const theory = Math.hypot(range / 255, range / 127) / Math.sqrt(12);
      expect(error).toBeGreaterThan(0.8 * theory);
      expect(error).toBeLessThan(1.2 * theory);
    });
  });

  test.each(["relu", "gelu", "geluTanh", "quickGelu", "silu", "tanh", "sigmoid"] satisfies Activation[])(
    "%s fused or after it: the same",
    (activation) => {
      scope(() => {
        using layer = quantize(filled(64, 30));
        const x = normal([2, 3, 64], 3);
        const expected = activate(layer.forward(x), activation);
        const y = layer.forward(x, { activation });
        expect(y.shape).toEqual([2, 3, 30]);
        expectClose(y.toTypedArray(), expected.data, activation, 1e-6);
      });
    },
  );

  test("a quarter of the memory, at once; freed with the layer", () => {
    const before = liveBytes();
    const layer = filled(768, 512);
    const float32 = liveBytes() - before;
    expect(isInt8(layer.weight)).toBe(false);
    quantize(layer);
    expect(isInt8(layer.weight)).toBe(true);
    expect((liveBytes() - before) / float32).toBeLessThan(0.26);
    noGrad(() => void layer.forward(normal([3, 768], 1)));
    quantize(layer); // changes nothing
    expect((liveBytes() - before) / float32).toBeLessThan(0.26);
    layer.dispose();
    expect(liveBytes()).toBe(before);
    expect(() => layer.weight.toTypedArray()).toThrow("a (512, 768) tensor was used after it was freed");
  });

  test("the weight may have been used, and lie in columns, before", () => {
    scope(() => {
      const x = normal([3, 20], 3);
      const [fresh, used] = [1, 2].map(() => filled(20, 11));
      if (!fresh || !used) return;
      noGrad(() => void used.forward(x));
      const [expected, actual] = [fresh, used].map((layer) => noGrad(() => quantize(layer).forward(x)).toTypedArray());
      expect(actual).toEqual(expected);
      fresh.dispose();
      used.dispose();
    });
  });
});

describe("a model", () => {
  test("only linear layers' weights become int8; the summary says which; results are close", () => {
    using before = model();
    const expected = scores(before);
    using after = quantize(model());
    expect([...after.namedParameters()].filter(([, parameter]) => isInt8(parameter)).map(([path]) => path)).toEqual(paths);
    expect(summary(after)).toContain("first.weight    (64, 64)   4 096  frozen, int8");
    expect(after.numParameters).toBe(before.numParameters);
    expectClose(scores(after), expected, "scores", 0.03);
  });

  test("what needs float32 elements says that there are none", async () => {
    using quantized = quantize(model());
    const { weight } = quantized.first;
    const gone = "a (64, 64) parameter is kept as int8, for inference only: its elements can't be read, written, trained or saved any more";
    expect(() => weight.toTypedArray()).toThrow(gone);
    expect(() => weight.toArray()).toThrow(gone);
    expect(() => scope(() => transpose(weight))).toThrow(gone);
    using other = model();
    expect(() => quantized.loadStateDict(other.stateDict())).toThrow(gone);
    expect(() => encodeSafetensors(new Map([["w", { shape: weight.shape, view: () => weight.data }]]))).toThrow(gone);
    await expect(async () => saveModule(quantized, layout, join(tmpdir(), "never-written"))).rejects.toThrow(gone);
    expect(() => quantized.train()).toThrow(
      "train: first.weight is kept as int8, which is for inference only; load the model as float32 to train it",
    );
    expect(quantized.training).toBe(false);
  });

  test("it isn't recorded, with or without noGrad; asking for gradients is an error", () => {
    using quantized = quantize(model());
    scope(() => {
      const ids = intTensor([1, 2]);
      const y = quantized.forward(ids);
      expect(y.requiresGrad).toBe(false);
      quantized.setRequiresGrad(true);
      expect(() => backward(sum(quantized.forward(ids)))).toThrow(
        "linear: the weight is kept as int8, which is for inference only; use noGrad, or float32 to train",
      );
    });
  });

  test("an adapter around it may not send gradients through it either", () => {
    using quantized = quantize(model());
    using before = new Parameter([64]);
    before.data.fill(0);
    scope(() => expect(() => quantized.first.forward(add(normal([2, 64], 1), before))).toThrow("linear: the weight is kept as int8"));
  });
});

describe("from a file", () => {
  const stored = (): Blob => {
    using source = model();
    return encodeSafetensors(weightsOf(source));
  };

  test("dtype int8: the same numbers as quantize after loading, and never all weights in float32", async () => {
    const blob = stored();
    using after = new Model();
    await loadModule(after, await openCheckpoint(blob), [layout]);
    const expected = scores(quantize(after));
    using during = new Model();
    const report = await loadModule(during, await openCheckpoint(blob), [layout], { dtype: "int8" });
    expect(report.loaded).toEqual(["words.weight", "first.weight", "first.bias", "second.weight"]);
    expect(scores(during)).toEqual(expected);
    expect([...during.namedParameters()].filter(([, parameter]) => isInt8(parameter)).map(([path]) => path)).toEqual(paths);
  });

  test("dtype int8: of sixteen layers, at most one is in float32 at a time", async () => {
    class Deep extends Module {
      readonly layers: Linear[] = Array.from({ length: 16 }, () => new Linear(256, 256, { bias: false }));
    }
    using source = new Deep().initialize(new Rng(1));
    const blob = encodeSafetensors(weightsOf(source));
    const before = liveBytes();
    let most = 0;
    using deep = new Deep();
    const onProgress = (): void => void (most = Math.max(most, liveBytes() - before));
    await loadModule(deep, await openCheckpoint(blob), [layout], { dtype: "int8", onProgress });
    const layer = 4 * 256 * 256;
    expect(most).toBeLessThan(layer + 16 * 0.28 * layer);
    expect(liveBytes() - before).toBeLessThan(16 * 0.28 * layer);
  });

  test("a failure leaves nothing behind", async () => {
    const blob = stored();
    const before = liveBytes();
    const bytes = new Uint8Array(await blob.arrayBuffer());
    await expect(async () =>
      loadModule(new Model(), await openCheckpoint(bytes.subarray(0, -8)), [layout], { dtype: "int8" }),
    ).rejects.toThrow();
    expect(liveBytes()).toBe(before);
  });

  test.each([
    ["float16", 2 ** -11],
    ["bfloat16", 2 ** -8],
  ] as const)("%s: half the bytes, read as float32, each number within half a unit in the last place", async (dtype, ulp) => {
    const folder = await mkdtemp(join(tmpdir(), "x-"));
    try {
      using source = model();
      await saveModule(source, layout, folder, { dtype });
      const { size } = await stat(join(folder, "model.safetensors"));
      expect(size).toBeLessThan(2 * source.numParameters + 500);
      using loaded = new Model();
      await loadModule(loaded, await openCheckpoint(folder), [layout]);
      for (const [path, parameter] of loaded.namedParameters()) {
        expect(isInt8(parameter)).toBe(false);
        const before = source.namedParameters().get(path)?.data ?? [];
        for (const [i, value] of parameter.data.entries()) {
          const from = before[i] ?? Number.NaN;
          expect(Math.abs(value - from)).toBeLessThanOrEqual(ulp * Math.abs(from) + 2 ** -25);
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
