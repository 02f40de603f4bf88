/** Tensors from whatever holds numbers, and back: arrays of a known depth, and text. */
import { inspect } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { init, intTensor, Linear, liveBytes, quantize, Rng, scope, tensor, zeros } from "../src/index.ts";
import { checkForLeaks } from "@x/testing";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

describe("numbers in", () => {
  test("rows may be typed arrays", () => {
    scope(() => {
      expect(tensor([Float32Array.of(1, 2), new Float64Array([3, 4])]).toArray()).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(intTensor([[[1], new Int32Array([2])]]).shape).toEqual([1, 2, 1]);
      expect(tensor([new Float32Array()]).shape).toEqual([1, 0]);
    });
  });

  test.each([
    [[[1, 2], [3]], "tensor: rows must all have the same length"],
    [[[1], 2], "tensor: rows must all have the same length"],
    [[1, [2]], "tensor: rows must all have the same length"],
    [["a"], 'tensor: values are numbers, in arrays or typed arrays, but "a" is among them'],
    ["3", 'but "3" is among them'],
    [[1, null], "but null is among them"],
    [new BigInt64Array(2), "but 0 is among them"],
  ])("%s is refused", (values, message) => {
    expect(() => tensor(values as never)).toThrow(message);
  });
});

describe("numbers out", () => {
  test("arrays as deep as is said, if that is so", () => {
    scope(() => {
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      const rows: number[][] = x.toArray(2);
      const one: number = tensor(7).toArray(0);
      expect([rows[1]?.[0], one]).toEqual([3, 7]);
      expect(() => x.toArray(1)).toThrow("toArray: it must have 1 axes, but it is (2, 2)");
    });
  });

  test("as text: shape, number type, columns under each other", () => {
    scope(() => {
      const x = tensor([
        [1, 2.5],
        [3, -4],
      ]);
      expect(String(x)).toBe("Tensor (2, 2) float32\n[[ 1.0,  2.5],\n [ 3.0, -4.0]]");
      expect(inspect([x])).toContain("[[ 1.0,  2.5]");
      expect(inspect({ x: intTensor([1, 20]) })).toContain("Tensor (2,) int32 [ 1, 20]");
      expect(String(tensor(1 / 3))).toBe("Tensor () float32 0.3333");
      expect(String(tensor([1e-9, 1]))).toBe("Tensor (2,) float32 [1.0000e-9, 1.0000e+0]");
      expect(String(tensor([Number.NaN, Infinity, 1]))).toBe("Tensor (3,) float32 [     NaN, Infinity,        1]");
      expect(String(zeros([2, 1, 2]))).toBe("Tensor (2, 1, 2) float32\n[[[0, 0]],\n\n [[0, 0]]]");
      expect([String(zeros([0, 3])), String(tensor([]))]).toEqual(["Tensor (0, 3) float32\n[]", "Tensor (0,) float32 []"]);
    });
  });

  test("long axes by their ends, however large the tensor", () => {
    scope(() => {
      expect(String(intTensor([...Array(100).keys()]))).toBe("Tensor (100,) int32 [ 0,  1,  2, …, 97, 98, 99]");
      const lines = String(zeros([50, 40, 30])).split("\n");
      expect(lines.filter((line) => line.includes("0, 0, 0, …, 0, 0, 0"))).toHaveLength(36);
    });
  });

  test("without a byte of the engine's; of what is gone or can't be read, too", () => {
    const x = tensor([1]);
    const before = liveBytes();
    String(x);
    expect(liveBytes()).toBe(before);
    x.dispose();
    expect(String(x)).toBe("Tensor (1,) float32, freed");
    using layer = new Linear(2, 2).initialize(new Rng(1));
    expect(String(layer.weight)).toMatch(/^Parameter \(2, 2\) float32\n\[\[/);
    expect(String(quantize(layer).weight)).toMatch(/^Parameter \(2, 2\) float32: a \(2, 2\) parameter is kept as int8/);
  });
});
