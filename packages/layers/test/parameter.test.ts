/** A parameter as rows and as column panels: whichever is asked for, the numbers are the same. */
import { beforeAll, describe, expect, test } from "vitest";
import { AdamW, backward, full, init, Linear, liveBytes, noGrad, scope, square, sum, tensor, type Tensor, zeros } from "../src/index.ts";
import { checkForLeaks } from "./checks.ts";

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

  test("inference holds one form, not two", () => {
    using layer = filled();
    const rows = liveBytes();
    infer(layer);
    expect(liveBytes()).toBe(rows + 64 * (Math.ceil((16 * 4 * 4) / 64) - Math.ceil((10 * 4 * 4) / 64))); // 16 columns in panels of 8, 10 rows
    expect([...layer.weight.toTypedArray()].slice(0, 2)).toEqual([1, Math.fround(Math.cos(3))]);
  });

  test("a freed parameter says so", () => {
    const layer = filled();
    infer(layer);
    layer.dispose();
    expect(layer.weight.disposed).toBe(true);
    expect(() => layer.weight.data).toThrow("a parameter was used after it was freed");
    expect(() => infer(layer)).toThrow("a parameter was used after it was freed");
  });
});
