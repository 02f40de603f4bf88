/** Products and attention beyond one block of rows (144, 96), columns (32) and depth (768): what the sizes of kernels.test.ts do not reach. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attention } from "../reference/attention.ts";
import { matmul } from "../reference/matmul.ts";
import {
  attentionScratch,
  attentionUnits,
  Core,
  MATMUL_SCRATCH,
  matmulUnits,
  packedPanelsLength,
  packPanelsUnits,
  packRowsUnits,
} from "../src/index.ts";
import { Bench } from "./bench.ts";

const GELU = 2;

describe.for([
  ["plain", 1],
  ["relaxed", 1],
  ["relaxed", 3],
] as const)("%s, %i threads", ([simd, threads]) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads, simd });
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
      const [before, residual, bias] = [bench.numbers(m * n), bench.numbers(m * n), bench.numbers(n)];
      const [rows, panels] = [bench.output(m * k), bench.output(packedPanelsLength(k, n))];
      bench.launch("packRows", packRowsUnits(m), a.pointer, rows.pointer, m, k, k, 1);
      bench.launch("packPanels", packPanelsUnits(n), b.pointer, panels.pointer, k, n, n, 1);
      const y = bench.output(m * n, around ? before.values : undefined);
      const [accumulate, biasAt, residualAt] = around ? [1, bias.pointer, residual.pointer] : [0, 0, 0];
      const alpha = around ? 0.25 : 1;
      // prettier-ignore
      bench.launchWithScratch("matmul", matmulUnits(1, m, n), MATMUL_SCRATCH, rows.pointer, 0, panels.pointer, 0, y.pointer, 0, n,
        m, k, n, alpha, accumulate, biasAt, around ? GELU : 0, residualAt, 0, n);
      const parts = around ? { alpha, y: before.values, bias: bias.values, residual: residual.values, activation: GELU } : {};
      bench.expect(y, matmul(a.values, b.values, m, k, n, parts), 1e-5);
    }
  });

  test("columns that lie apart: y in the middle of a wider matrix, which stays as it is", () => {
    using bench = new Bench(core);
    const [m, k, n, stride] = [30, 17, 19, 25];
    const [a, b] = [bench.numbers(m * k), bench.numbers(k * n)];
    const [rows, panels] = [bench.output(m * k), bench.output(packedPanelsLength(k, n))];
    bench.launch("packRows", packRowsUnits(m), a.pointer, rows.pointer, m, k, k, 1);
    bench.launch("packPanels", packPanelsUnits(n), b.pointer, panels.pointer, k, n, n, 1);
    const y = bench.output(m * stride, new Float64Array(m * stride).fill(9));
    // prettier-ignore
    bench.launchWithScratch("matmul", matmulUnits(1, m, n), MATMUL_SCRATCH, rows.pointer, 0, panels.pointer, 0, y.pointer + 8, 0, stride,
      m, k, n, 1, 0, 0, 0, 0, 0, 0);
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
      const [q, k, v] = [queryCount, keyCount, keyCount].map((count) => bench.numbers(batch * count * width));
      if (!q || !k || !v) return;
      const [bias, mask] = [bench.numbers(heads * queryCount * keyCount), bench.numbers(batch * keyCount)];
      const [y, logSumExp] = [bench.output(batch * queryCount * width), bench.output(batch * heads * queryCount)];
      const units = attentionUnits(batch, heads, queryCount);
      // prettier-ignore
      bench.launchWithScratch("attention", units, attentionScratch(keyCount, headSize), q.pointer, k.pointer, v.pointer, y.pointer, logSumExp.pointer,
      bias.pointer, mask.pointer, 0, heads, headSize, queryCount, keyCount, queryCount, keyCount, width, width, width, width, 0.5, batch, 0, keyCount, 1);
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
      const expected = attention(q.values, k.values, v.values, shape);
      bench.expect(y, expected.y);
      bench.expect(logSumExp, expected.logSumExp);
    },
  );
});
