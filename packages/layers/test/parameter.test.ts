/** A parameter as rows and as column panels: whichever is asked for, the numbers are the same. */
import { checkForLeaks } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  AdamW,
  backward,
  drawNormal,
  drawTruncatedNormal,
  drawUniform,
  embedding,
  full,
  init,
  intTensor,
  Linear,
  linear,
  liveBytes,
  matmul,
  noGrad,
  ones,
  Parameter,
  PatchEmbedding,
  Rng,
  scope,
  square,
  sum,
  tensor,
  type Tensor,
  zeros,
} from "../src/index.ts";
import { watchKernels } from "./watch-kernels.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

describe("a parameter's two forms", () => {
  const x = (): Tensor =>
    tensor(
      Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [3, 4],
    );
  const filled = (): Linear => {
    const layer = new Linear(4, 10);
    layer.weight.data.set(Array.from({ length: 40 }, (_, i) => Math.cos(3 * i)));
    layer.bias?.data.fill(0.5);
    return layer;
  };
  const infer = (layer: Linear): Float32Array => scope(() => noGrad(() => layer.forward(x())).toTypedArray());
  const record = (layer: Linear): Float32Array => scope(() => layer.forward(x()).toTypedArray());

  test("inference, training, inference, with the same weights, agree", () => {
    using layer = filled();
    const first = infer(layer);
    expect(record(layer)).toEqual(first);
    scope(() => backward(sum(layer.forward(x()))));
    expect(infer(layer)).toEqual(first);
    layer.zeroGrad();
  });

  test("written data, through data, loadStateDict or an optimizer, shows in inference", () => {
    using layer = filled();
    infer(layer);
    layer.weight.data.fill(1);
    expect(infer(layer)).toEqual(record(layer));
    scope(() =>
      layer.loadStateDict(
        new Map([
          ["weight", full([10, 4], 2)],
          ["bias", zeros([10])],
        ]),
      ),
    );
    expect(infer(layer)).toEqual(record(layer));
    using optimizer = new AdamW(layer.parameters(), { learningRate: 0.5 });
    scope(() => backward(sum(square(layer.forward(x())))));
    optimizer.step();
    optimizer.zeroGrad();
    const after = infer(layer);
    expect(after).toEqual(record(layer));
    expect(layer.weight.data[0]).not.toBe(2);
  });

  test.for([
    ["drawUniform", (weight: Parameter) => drawUniform(weight, new Rng(5), -1, 1)],
    ["drawNormal", (weight: Parameter) => drawNormal(weight, new Rng(5))],
    ["drawTruncatedNormal", (weight: Parameter) => drawTruncatedNormal(weight, new Rng(5), 0, 1, -1, 1)],
  ] as const)("numbers drawn by %s show in inference", ([, draw]) => {
    using layer = filled();
    const before = infer(layer);
    draw(layer.weight);
    expect(infer(layer)).toEqual(record(layer));
    expect(infer(layer)).not.toEqual(before);
  });

  test("initializing again shows in inference, where a view is written too", () => {
    using patches = new PatchEmbedding(1, 2, 10).initialize(new Rng(1));
    const run = (): Float32Array => scope(() => noGrad(() => patches.forward(ones([1, 1, 4, 2]))).toTypedArray());
    const before = run();
    patches.initialize(new Rng(2));
    expect(run()).not.toEqual(before);
    expect(run()).toEqual(scope(() => patches.forward(ones([1, 1, 4, 2])).toTypedArray()));
  });

  test("a tied matrix: looked up, multiplied with, trained, in any order", () => {
    const table = new Parameter([10, 4]);
    table.data.set(Array.from({ length: 40 }, (_, i) => Math.cos(3 * i)));
    const ids = [3, 0, 9, 3];
    const logits = (): Tensor => linear(embedding(intTensor(ids), table), table); // (4, 10)
    const expected = scope(() =>
      noGrad(() => matmul(embedding(intTensor(ids), table), tensor(table.data.slice(), [10, 4]), { transposeB: true })).toTypedArray(),
    );
    const run = (): Float32Array => scope(() => noGrad(logits).toTypedArray());
    for (let i = 0; i < 2; i++) expect(run()).toEqual(expected);
    const packing = (body: () => void): string[] => {
      using watch = watchKernels();
      body();
      return watch.launched.filter((kernel) => kernel === "packPanels" || kernel === "unpackPanels");
    };
    const again = packing(() => {
      for (let i = 0; i < 5; i++) expect(run()).toEqual(expected);
    });
    expect(again, "both forms stay").toEqual([]);
    scope(() => backward(sum(square(logits()))));
    const slope = table.grad?.toTypedArray() ?? new Float32Array();
    const h = 1 / 64;
    const objective = (): number => run().reduce((total, y) => total + y * y, 0);
    for (const at of [0, 2, 13, 39]) {
      const here = table.data[at] ?? 0;
      table.data[at] = here + h;
      const above = objective();
      table.data[at] = here - h;
      const below = objective();
      table.data[at] = here;
      expect((above - below) / (2 * h), `slope ${at}`).toBeCloseTo(slope[at] ?? Number.NaN, 1);
    }
    const later = packing(() => {
      for (let i = 0; i < 2; i++) run();
    });
    expect(later, "rows that were wanted once are kept after a write").toEqual(["packPanels"]);
    table.dispose();
  });

  test("training holds the rows only, also after inference", () => {
    using layer = filled();
    const rows = liveBytes();
    record(layer);
    expect(liveBytes()).toBe(rows);
    infer(layer);
    record(layer);
    expect(liveBytes()).toBe(rows);
  });

  test("a matrix whose rows are read after inference keeps both forms from then on", () => {
    using layer = filled();
    infer(layer);
    const one = liveBytes();
    expect([...layer.weight.toTypedArray()].slice(0, 2), "a copy leaves it packed").toEqual([1, Math.fround(Math.cos(3))]);
    expect(liveBytes()).toBe(one);
    void layer.weight.data;
    infer(layer);
    const two = liveBytes();
    expect(two).toBeGreaterThan(one);
    infer(layer);
    layer.weight.toTypedArray();
    expect(liveBytes()).toBe(two);
  });

  test("rows that a view shares stay, and both are right", () => {
    using layer = filled();
    const rows = liveBytes();
    const view = layer.weight.view([40]);
    infer(layer);
    expect(liveBytes()).toBeGreaterThan(rows);
    expect([...view.toTypedArray()]).toEqual([...layer.weight.data]);
    view.dispose();
  });

  test("inference holds one form, not two", () => {
    using layer = filled();
    const rows = liveBytes();
    infer(layer);
    expect(liveBytes()).toBe(rows + 64 * (Math.ceil((16 * 4 * 4) / 64) - Math.ceil((10 * 4 * 4) / 64))); // 16 columns in panels of 8, 10 rows
    expect([...layer.weight.toTypedArray()].slice(0, 2)).toEqual([1, Math.fround(Math.cos(3))]);
  });

  test("elements are exchanged in whatever form they are, and put back; gradients go", () => {
    using layer = filled();
    using other = new Parameter([10, 4]);
    other.data.fill(2);
    const first = infer(layer); // leaves column panels
    layer.weight.grad = zeros([10, 4]);
    layer.weight.exchange(other);
    expect(layer.weight.grad).toBeUndefined();
    expect([...infer(layer)].slice(0, 10).every((value, _, [least]) => value === least)).toBe(true);
    expect([...other.data].slice(0, 2)).toEqual([1, Math.fround(Math.cos(3))]);
    expect(() => other.exchange(new Parameter([4, 10]))).toThrow("exchange: (10, 4) and (4, 10) differ");
    other.exchange(layer.weight);
    expect(infer(layer)).toEqual(first);
  });

  test("a freed parameter says so", () => {
    const layer = filled();
    infer(layer);
    layer.dispose();
    expect(layer.weight.disposed).toBe(true);
    expect(() => layer.weight.toTypedArray()).toThrow("a (10, 4) tensor was used after it was freed");
    expect(() => infer(layer)).toThrow("a (10, 4) tensor was used after it was freed");
  });
});
