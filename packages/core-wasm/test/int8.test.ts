/** Products in whole numbers: no integer depends on the build, the threads or the blocks, nothing overflows, and the error is what steps allow. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { int8Matmul, quantizeColumn, quantizeRow } from "../reference/int8-matmul.ts";
import { Core } from "../src/index.ts";
import { Bench, type Given, type Output } from "./bench.ts";
import { packInt8Panels, packInt8Rows } from "./kernels.int8.ts";

let cores: Core[];
beforeAll(async () => {
  cores = await Promise.all([
    Core.create({ threads: 1, simd: "plain" }),
    Core.create({ threads: 3, simd: "plain" }),
    Core.create({ threads: 1, simd: "relaxed" }),
    Core.create({ threads: 3, simd: "relaxed" }),
  ]);
});
afterAll(() => {
  for (const core of cores) core[Symbol.dispose]();
});

function product(bench: Bench, x: Given, weight: Given, m: number, k: number, n: number, bias?: Given): Output {
  const [rows, panels] = [packInt8Rows(bench, x, m, k), packInt8Panels(bench, weight, k, n)];
  const y = bench.output(m * n);
  bench.kernels.int8Matmul({ rows, panels, y, bias, m, k, n });
  return y;
}

describe("beyond one block of rows (144) and of columns (32)", () => {
  test.for([
    [1, 768, 32],
    [1, 3073, 65],
    [2, 1537, 8],
    [13, 770, 7],
    [145, 769, 31],
    [289, 5, 96],
    [300, 1, 1],
    [0, 800, 9],
    [3, 0, 40],
    [7, 3, 0],
  ] as const)("%i × %i · %i: the reference's numbers, and the same bits in both builds on 1 and 3 threads", ([m, k, n]) => {
    const bits = cores.map((core) => {
      using bench = new Bench(core);
      const [x, weight, bias] = [bench.numbers(m * k), bench.numbers(n * k), bench.numbers(n)];
      const y = product(bench, x, weight, m, k, n, bias);
      bench.expect(y, int8Matmul(x.values, weight.values, m, k, n, { bias: bias.values }), 1e-6);
      return bench.bits(y);
    });
    for (const some of bits) expect(some).toEqual(bits[0]);
  });
});

test("the largest whole numbers everywhere: sums of two products stay within 16 bits, sums of 3 072 within 32", () => {
  const [m, k, n] = [5, 3072, 9];
  for (const core of cores) {
    for (const [low, high, sign] of [
      [0, 255, 1],
      [0, 255, -1],
      [-255, 0, 1],
      [-255, 0, -1],
    ] as const) {
      using bench = new Bench(core);
      // Steps are 1: q - z is ±255, u - v is ±127.
      const x = bench.given(Float64Array.from({ length: m * k }, (_, i) => (low < 0 ? low : high) * Number(i % k < k - 1)));
      const weight = bench.given(Float64Array.from({ length: n * k }, () => 127 * sign));
      const y = product(bench, x, weight, m, k, n);
      bench.expect(y, new Float64Array(m * n).fill(Math.fround((low + high) * 127 * sign * (k - 1))), 0);
    }
  }
});

test("every number is within half a step; zero stays zero, and so do the ends of the range", () => {
  using bench = new Bench(cores[0] as Core);
  for (const length of [1, 2, 7, 64, 501]) {
    for (const shift of [-3, -1, 0, 0.2, 2]) {
      const x = bench.numbers(length).values.map((value) => Math.fround(value + shift));
      const row = quantizeRow(x);
      const column = quantizeColumn(x);
      for (const [i, value] of x.entries()) {
        expect(Math.abs(value - row.step * ((row.values[i] ?? 0) - row.zero))).toBeLessThanOrEqual(row.step * 0.50001);
        expect(Math.abs(value - column.step * ((column.values[i] ?? 0) - column.zero))).toBeLessThanOrEqual(column.step * 0.50001);
        expect(column.values[i]).toBeGreaterThanOrEqual(0);
        expect(column.values[i]).toBeLessThanOrEqual(127);
      }
      expect(row.zero).toBeGreaterThanOrEqual(-128);
      expect(row.zero).toBeLessThanOrEqual(127);
    }
  }
});

test("|ŷ - y| ≤ ½s·Σ|w| + ½t·Σ|x̂|, for every number of random products", () => {
  for (const core of cores.slice(1, 3)) {
    using bench = new Bench(core);
    for (let trial = 0; trial < 20; trial++) {
      const [m, k, n] = [1 + Math.floor(9 * bench.next()), 1 + Math.floor(200 * bench.next()), 1 + Math.floor(20 * bench.next())];
      const [x, weight] = [bench.numbers(m * k), bench.numbers(n * k)];
      const y = bench.read(product(bench, x, weight, m, k, n));
      for (const [i, found] of y.entries()) {
        const from = x.values.subarray(Math.floor(i / n) * k, Math.floor(i / n) * k + k);
        const by = weight.values.subarray((i % n) * k, (i % n) * k + k);
        const [row, column] = [quantizeRow(from), quantizeColumn(by)];
        let [exact, bound] = [0, 1e-5];
        for (let l = 0; l < k; l++) {
          const kept = row.step * ((row.values[l] ?? 0) - row.zero);
          exact += (from[l] ?? 0) * (by[l] ?? 0);
          bound += 0.5 * (row.step * Math.abs(by[l] ?? 0) + column.step * Math.abs(kept));
        }
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(bound);
      }
    }
  }
});
