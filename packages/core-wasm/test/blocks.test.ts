/** Products and attention beyond one block of rows (144, 96), columns (32) and depth (768): what the sizes of kernels.test.ts do not reach. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attention } from "../reference/attention.ts";
import { matmul } from "../reference/matmul.ts";
import { at, Core, packedPanelsLength } from "../src/index.ts";
import { Bench } from "./bench.ts";

describe.for([
  ["plain", 1],
  ["relaxed", 1],
  ["relaxed", 3],
] as const)("%s, %i threads", ([simd, threads]) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads, simd, tile: "4x8" });
  });
  afterAll(() => core[Symbol.dispose]());

  test.for([
    [1, 768, 32],
    [1, 769, 32],
    [1, 2305, 65],
    [2, 1537, 8],
    [13, 770, 7],
    [144, 8, 33],
    [145, 769, 31],
    [289, 5, 96],
    [300, 1, 1],
    [0, 800, 9],
    [3, 0, 40],
  ] as const)("%i × %i · %i: packed, multiplied, with all around the product and with nothing", ([m, k, n]) => {
    for (const around of [true, false]) {
      using bench = new Bench(core);
      const [a, b] = [bench.numbers(m * k), bench.numbers(k * n)];
      const [before, vector] = [bench.numbers(m * n), bench.numbers(n)];
      const [rows, panels] = [bench.output(m * k), bench.output(packedPanelsLength(k, n))];
      bench.kernels.packRows({ a, rows, m, k, rowStride: k, columnStride: 1 });
      bench.kernels.packPanels({ b, panels, k, n, kStride: n, nStride: 1 });
      const y = bench.output(m * n, around ? before.values : undefined);
      const parts = around ? ({ bias: vector, activation: "gelu" } as const) : {};
      const strides = { rowsBatchStride: 0, panelsBatchStride: 0, yBatchStride: 0, yRowStride: n };
      bench.kernels.matmul({ rows, panels, y, ...strides, batch: 1, m, k, n, accumulate: around, ...parts });
      const expected = around ? ({ y: before.values, bias: vector.values, activation: "gelu" } as const) : {};
      bench.expect(y, matmul(a.values, b.values, m, k, n, expected), 1e-5);
    }
  });

  test("columns that lie apart: y in the middle of a wider matrix, which stays as it is", () => {
    using bench = new Bench(core);
    const [m, k, n, stride] = [30, 17, 19, 25];
    const [a, b] = [bench.numbers(m * k), bench.numbers(k * n)];
    const [rows, panels] = [bench.output(m * k), bench.output(packedPanelsLength(k, n))];
    bench.kernels.packRows({ a, rows, m, k, rowStride: k, columnStride: 1 });
    bench.kernels.packPanels({ b, panels, k, n, kStride: n, nStride: 1 });
    const y = bench.output(m * stride, new Float64Array(m * stride).fill(9));
    const strides = { rowsBatchStride: 0, panelsBatchStride: 0, yBatchStride: 0, yRowStride: stride };
    bench.kernels.matmul({ rows, panels, y: at(y, 2), ...strides, batch: 1, m, k, n, accumulate: false });
    const product = matmul(a.values, b.values, m, k, n);
    const inside = (i: number): number | undefined => (i % stride >= 2 && i % stride < 2 + n ? (i % stride) - 2 : undefined);
    const expected = Float64Array.from({ length: m * stride }, (_, i) => {
      const column = inside(i);
      return column === undefined ? 9 : (product[Math.floor(i / stride) * n + column] ?? Number.NaN);
    });
    bench.expect(y, expected);
    expect(bench.read(y)[0]).toBe(9);
  });

  test.for([
    [1, 1, 4],
    [1, 9, 5],
    [1, 50, 16],
    [1, 33, 40],
    [97, 11, 3],
    [200, 13, 20],
  ] as const)(
    "attention of %i queries to %i keys, head size %i, with all terms and heads side by side",
    ([queryCount, keyCount, headSize]) => {
      using bench = new Bench(core);
      const [batch, heads] = [3, 2];
      const width = heads * headSize;
      const [query, key, value] = [
        bench.numbers(batch * queryCount * width),
        bench.numbers(batch * keyCount * width),
        bench.numbers(batch * keyCount * width),
      ];
      const [bias, mask] = [bench.numbers(heads * queryCount * keyCount), bench.numbers(batch * keyCount)];
      const [y, logSumExp] = [bench.output(batch * queryCount * width), bench.output(batch * heads * queryCount)];
      const strides = { queryStride: width, keyStride: width, valueStride: width, yStride: width, maskRowStride: 0 };
      const sizes = { batch, heads, headSize, queryCount, keyCount, queryRows: queryCount, keyRows: keyCount, maskBatches: batch };
      const terms = { bias, mask, scale: 0.5, lookahead: keyCount, windows: 1 };
      bench.kernels.attention({ query, key, value, y, logSumExp, ...terms, ...sizes, ...strides });
      const shape = {
        batch,
        heads,
        headSize,
        queryCount,
        keyCount,
        scale: 0.5,
        lookahead: keyCount,
        bias: bias.values,
        mask: mask.values,
        maskBatches: batch,
        maskRows: 1,
      };
      const expected = attention(query.values, key.values, value.values, shape);
      bench.expect(y, expected.y);
      bench.expect(logSumExp, expected.logSumExp);
    },
  );
});
