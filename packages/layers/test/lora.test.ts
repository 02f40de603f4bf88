/** LoRA by its own rules; PEFT's numbers are in models-nlp/test/lora.test.ts and models-vision/test/lora.test.ts. */
import { checkForLeaks, expectClose, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { addLinear } from "../src/ops/matmul/add-linear.ts";
import {
  AdamW,
  backward,
  gelu,
  init,
  Linear,
  linear,
  liveBytes,
  LoRA,
  type LoRAOptions,
  meanSquaredError,
  Module,
  noGrad,
  quantize,
  Rng,
  scope,
  square,
  sum,
  type Tensor,
  train,
} from "../src/index.ts";
import { type Little, makeLittle } from "./little.ts";
import { watchKernels } from "./watch-kernels.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

const result = (model: Little, x: Tensor): Float32Array => noGrad(() => model.forward(x).toTypedArray());
const copies = (model: Module): Map<string, Float32Array> =>
  new Map([...model.stateDict()].map(([path, weight]) => [path, weight.toTypedArray()]));

/** An adapter whose B isn't zeros, so that it does something. */
function attach(model: Little, options: LoRAOptions = {}): LoRA {
  const lora = LoRA.attach(model, { rank: 4, alpha: 6, targetModules: ["query", "value"], rng: new Rng(9), ...options });
  for (const [name, { data }] of lora.namedParameters())
    if (name.includes("lora_B")) data.forEach((_, i) => (data[i] = Math.sin(i + name.length)));
  return lora;
}

describe("what it computes", () => {
  test("y = W·x + b + α/r · B·A·x in the rows of the adapted parts, and the base's elsewhere", () => {
    using model = makeLittle();
    using x = normal([3, 6], 2);
    const before = noGrad(() => model.qkv.forward(x).toTypedArray());
    using lora = attach(model, { rank: 2, alpha: 6 });
    const parameters = lora.namedParameters();
    expect([...parameters.keys()].slice(0, 2)).toEqual(["little.attn.query.lora_A.weight", "little.attn.query.lora_B.weight"]);
    const expected = before.map((value, at) => {
      const [row, column] = [Math.floor(at / 12), at % 12];
      const part = ["query", "key", "value"][Math.floor(column / 4)];
      const [a, b] = ["A", "B"].map((matrix) => parameters.get(`little.attn.${part}.lora_${matrix}.weight`)?.data ?? []);
      let change = 0;
      for (let r = 0; r < 2; r++) {
        for (let i = 0; i < 6; i++) change += (b?.[(column % 4) * 2 + r] ?? 0) * (a?.[r * 6 + i] ?? 0) * (x.data[row * 6 + i] ?? 0);
      }
      return value + (6 / 2) * change;
    });
    expectClose(
      noGrad(() => model.qkv.forward(x).toTypedArray()),
      expected,
      "qkv",
      1e-6,
    );
    expect(expected.filter((value, i) => value !== before[i])).toHaveLength(24);
  });

  test("an activation comes after the adapter", () => {
    using model = makeLittle();
    using x = normal([3, 12], 2);
    using lora = attach(model, { targetModules: ["out.dense"] });
    expectClose(
      noGrad(() => model.out.forward(x, { activation: "gelu" }).toTypedArray()),
      noGrad(() => gelu(model.out.forward(x)).toTypedArray()),
      "gelu",
      1e-6,
    );
    expect(lora.enabled).toBe(true);
  });

  test("rank-stabilised: α/√r", () => {
    using model = makeLittle();
    using x = normal([3, 6], 2);
    const [plain, stabilised] = [{ alpha: 8 }, { alpha: 4, rslora: true }].map((options) => {
      using lora = attach(model, { rank: 4, ...options });
      expect(lora.numParameters).toBe(2 * (4 * 6 + 4 * 4));
      return result(model, x);
    });
    expect(plain).toEqual(stabilised);
  });

  test("A is drawn from U(−1/√in, 1/√in), B is zeros", () => {
    using model = makeLittle();
    using lora = LoRA.attach(model, { rank: 100, targetModules: ["query"], rng: new Rng(4) });
    const [a, b] = lora.parameters().map(({ data }) => data);
    const [least, most] = [Math.min(...(a ?? [])), Math.max(...(a ?? []))];
    expect(Math.abs(least + 1 / Math.sqrt(6))).toBeLessThan(0.01);
    expect(Math.abs(most - 1 / Math.sqrt(6))).toBeLessThan(0.01);
    expect(b?.every((value) => value === 0)).toBe(true);
  });

  test("dropout is on what A sees, in training only", () => {
    using model = makeLittle();
    using x = normal([40, 6], 2);
    using lora = attach(model, { rank: 6, alpha: 6, dropout: 0.5, targetModules: ["query"] });
    const [a, b] = lora.parameters();
    a?.data.forEach((_, i) => a.data.set([i % 7 === 0 ? 1 : 0], i)); // A is the identity
    b?.data.fill(0);
    b?.data.set([1, 1, 1, 1, 1, 1]); // the first output gets the sum of what A sees
    const base = noGrad(() => linear(x, model.qkv.weight, model.qkv.bias).toTypedArray());
    const change = (row: number, y: Float32Array): number => (y[12 * row] ?? 0) - (base[12 * row] ?? 0);
    const total = (row: number): number => x.data.subarray(6 * row, 6 * row + 6).reduce((m, n) => m + n, 0);
    const evaluated = noGrad(() => model.qkv.forward(x).toTypedArray());
    const trained = noGrad(() => model.train().qkv.forward(x).toTypedArray());
    const again = noGrad(() => model.qkv.forward(x).toTypedArray());
    for (let row = 0; row < 40; row++) expect(change(row, evaluated)).toBeCloseTo(total(row), 4);
    expect(again).not.toEqual(trained);
    // Some of twice the inputs: as many sums as subsets, 0 among them.
    for (let row = 0; row < 40; row++) {
      const sums = Array.from({ length: 64 }, (_, mask) =>
        x.data.subarray(6 * row, 6 * row + 6).reduce((m, n, i) => m + (mask & (1 << i) ? 2 * n : 0), 0),
      );
      expect(Math.min(...sums.map((value) => Math.abs(value - change(row, trained))))).toBeLessThan(1e-4);
    }
    model.eval();
  });

  test("addLinear refuses what doesn't fit", () => {
    scope(() => {
      const [y, x, weight] = [normal([2, 5], 1), normal([2, 3], 2), normal([4, 3], 3)];
      expect(() => addLinear(y, x, weight, 2)).toThrow(
        "addLinear: x · weightᵀ must fit into y from column 2 on, but y is (2, 5), x is (2, 3), weight is (4, 3)",
      );
      expect(() => addLinear(y, normal([3, 3], 1), weight)).toThrow("must fit");
    });
  });
});

describe("merging and swapping", () => {
  test("merged gives the same; unmerged, the base is back; disabled, too", () => {
    using model = makeLittle();
    using x = normal([3, 6], 2);
    const [base, weights] = [result(model, x), copies(model)];
    using lora = attach(model, { targetModules: "all-linear", modulesToSave: ["classifier"] });
    model.head.weight.data[0] = 7;
    const adapted = result(model, x);
    expect(adapted).not.toEqual(base);
    lora.merge();
    lora.merge();
    expect([lora.enabled, lora.merged, model.qkv.adapters.size]).toEqual([true, true, 0]);
    expectClose(result(model, x), adapted, "merged", 1e-6);
    lora.unmerge();
    lora.unmerge();
    expectClose(result(model, x), adapted, "unmerged", 1e-6);
    for (const [path, values] of copies(model)) if (!path.startsWith("head")) expectClose(values, weights.get(path) ?? [], path, 1e-6);
    lora.merge();
    lora.disable();
    expect([lora.enabled, lora.merged]).toEqual([false, false]);
    expectClose(result(model, x), base, "disabled", 1e-6);
    lora.merge();
    expectClose(result(model, x), adapted, "merged from being disabled", 1e-6);
  });

  test("several on one model: one after the other, or their sum", () => {
    using model = makeLittle();
    using x = normal([3, 6], 2);
    const values = (): Float32Array => noGrad(() => model.qkv.forward(x).toTypedArray());
    const base = values();
    using first = attach(model);
    const one = values();
    first.disable();
    expect(values()).toEqual(base);
    using second = attach(model, { rank: 3, targetModules: ["key"], rng: new Rng(2) });
    const two = values();
    first.enable();
    expectClose(
      values(),
      base.map((value, i) => (one[i] ?? 0) + (two[i] ?? 0) - value),
      "sum",
      1e-6,
    );
    second.disable();
    expect(values()).toEqual(one);
    second.enable();
    first.disable();
    expect(values()).toEqual(two);
  });

  test("a head of its own for each; one at a time", () => {
    using model = makeLittle();
    const head = (): number => model.head.weight.data[0] ?? 0;
    const base = head();
    using first = attach(model, { modulesToSave: ["classifier"] });
    expect(head()).toBe(base);
    model.head.weight.data[0] = 10;
    expect(() => attach(model, { modulesToSave: ["classifier"] })).toThrow(
      "LoRA: head.weight is another adapter's now; disable or detach that first",
    );
    expect(model.head.weight.requiresGrad).toBe(true);
    first.disable();
    expect([head(), model.head.weight.requiresGrad]).toEqual([base, false]);
    using second = attach(model, { modulesToSave: ["classifier"] });
    model.head.weight.data[0] = 20;
    expect(() => first.enable()).toThrow("another adapter's now");
    expect(first.enabled).toBe(false);
    second.disable();
    first.enable();
    expect(head()).toBe(10);
    using third = attach(model); // has no head, and leaves the first's to be trained
    expect(model.head.weight.requiresGrad).toBe(true);
    third.disable();
  });

  test("detached: a merged one leaves the model adapted, another as it was", () => {
    using model = makeLittle();
    using x = normal([3, 6], 2);
    const bytesHeld = (): number => {
      for (const parameter of model.parameters()) void parameter.data; // leaves it as rows
      return liveBytes();
    };
    const [base, bytes] = [result(model, x), bytesHeld()];
    const options = { modulesToSave: ["classifier"] };
    attach(model, options).detach();
    expect(result(model, x)).toEqual(base);
    expect(bytesHeld()).toBe(bytes);
    const lora = attach(model, options);
    model.head.weight.data[0] = 3;
    const adapted = result(model, x);
    lora.merge();
    lora.detach();
    expectClose(result(model, x), adapted, "merged", 1e-6);
    expect(model.head.weight.data[0]).toBe(3);
    expect(bytesHeld()).toBe(bytes);
    using again = attach(model, options);
    expect(again.enabled).toBe(true);
  });

  test("the model may go first", () => {
    const model = makeLittle();
    const loras = [attach(model, { modulesToSave: ["classifier"] }), attach(model, { targetModules: ["dense"] })];
    loras[1]?.merge();
    model.dispose();
    for (const lora of loras) lora.detach();
  });
});

describe("training", () => {
  test("only the adapter learns; the base keeps its bits; the memory is free afterwards", async () => {
    using model = makeLittle();
    using x = normal([16, 6], 2);
    using y = normal([16, 2], 3);
    const loss = (): Tensor => meanSquaredError(model.forward(x), y);
    const [before, weights] = [noGrad(() => loss().item()), copies(model)];
    const lora = LoRA.attach(model, { rank: 4, alpha: 8, modulesToSave: ["classifier"] });
    using optimizer = new AdamW(lora.parameters(), { learningRate: 0.03 });
    await train({ optimizer, steps: 60, loss });
    expect(noGrad(() => loss().item())).toBeLessThan(0.6 * before);
    lora.disable();
    expect(copies(model)).toEqual(weights);
    lora.detach();
  });

  test("the backward pass makes no gradient of a frozen weight", () => {
    using model = makeLittle();
    using x = normal([2, 6], 2);
    using lora = attach(model, { rank: 1, targetModules: ["dense"] });
    scope(() => {
      const loss = sum(square(model.forward(x)));
      using watch = watchKernels();
      backward(loss);
      // head's dx, dB, the gradient of A·x, and dA. Before the adapter nothing is trained, so there is no dx either.
      expect(watch.launched.filter((kernel) => kernel === "matmul")).toHaveLength(4);
    });
    expect(model.parameters().every(({ grad }) => grad === undefined)).toBe(true);
    expect(lora.parameters().every(({ grad }) => grad !== undefined)).toBe(true);
    for (const parameter of lora.parameters()) parameter.zeroGrad();
  });

  test("frozen weights are held once while training, though the model is evaluated between; no gradients, no moments", async () => {
    class Two extends Module {
      readonly first = new Linear(64, 64);
      readonly second = new Linear(64, 64);
      forward(x: Tensor): Tensor {
        return this.second.forward(this.first.forward(x));
      }
    }
    using two = new Two().initialize(new Rng(1));
    using x = normal([4, 64], 3);
    const [base, before] = [4 * two.numParameters, liveBytes()];
    using lora = LoRA.attach(two, { rank: 1 });
    using optimizer = new AdamW(lora.parameters(), { learningRate: 0.01 });
    const step = (): Promise<void> => train({ optimizer, steps: 1, loss: () => sum(square(two.forward(x))) });
    await step();
    const bytes = liveBytes();
    expect(bytes - before).toBeLessThan(0.2 * base);
    noGrad(() => void two.forward(x));
    await step();
    expect(liveBytes()).toBeLessThanOrEqual(bytes);
  });
});

describe("what can't be", () => {
  test("unknown names, ranks and dropouts, parts of a joined matrix", () => {
    using model = makeLittle();
    const attempt = (options: LoRAOptions) => () => LoRA.attach(model, options);
    expect(attempt({ targetModules: ["query", "q_proj"] })).toThrow(
      "LoRA: the model doesn't have \"q_proj\"; the layers that can be adapted are called query, key, value, dense, classifier (Little) or qkv, out, head (the model's own names)",
    );
    expect(attempt({ targetModules: /nothing/ })).toThrow("the model doesn't have what matches /nothing/");
    expect(attempt({ modulesToSave: ["score"] })).toThrow('the model doesn\'t have "score"');
    expect(attempt({ modulesToSave: ["query"] })).toThrow(
      "qkv.weight holds little.attn.query.weight, little.attn.key.weight, little.attn.value.weight together",
    );
    expect(attempt({ rank: 0 })).toThrow("LoRA.attach: rank must be a whole number from 1 on, but is 0");
    expect(attempt({ dropout: 1 })).toThrow("LoRA.attach: dropout must be from 0 up to but not including 1, but is 1");
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true);
  });

  test("a weight that is kept as int8", () => {
    using model = makeLittle();
    const lora = attach(model);
    quantize(model);
    expect(() => lora.merge()).toThrow(
      "LoRA: the weight of little.attn.query is kept as int8, which is for inference only; load the model as float32",
    );
    lora.detach();
    expect(() => LoRA.attach(model)).toThrow("is kept as int8");
  });
});
