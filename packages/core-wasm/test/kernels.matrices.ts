/** Matrix products, their packing, and attention. */
import { attention, attentionBackward, type AttentionShape } from "../reference/attention.ts";
import { fftRows } from "../reference/fft-rows.ts";
import { fourierMixColumns, fourierMixRows } from "../reference/fourier-mix.ts";
import { matmul, packPanels, packRows } from "../reference/matmul.ts";
import {
  attentionBackwardScratch,
  attentionBackwardUnits,
  attentionScratch,
  attentionUnits,
  fftRowsScratch,
  fftRowsUnits,
  fourierMixColumnsScratch,
  fourierMixColumnsUnits,
  fourierMixPanelsLength,
  fourierMixRowsScratch,
  fourierMixRowsUnits,
  MATMUL_SCRATCH,
  matmulUnits,
  packedPanelsLength,
  packPanelsUnits,
  packRowsUnits,
} from "../src/index.ts";
import type { Bench, Operand, KernelCase } from "./bench.ts";

/** Three shapes of attention with n tokens: dense with all terms; causal with fewer queries; windows of an image of 2n rows. */
function attentionCases(
  bench: Bench,
  n: number,
): { shape: AttentionShape; parts: readonly Operand[]; pointers: readonly [bias: number, mask: number, table: number] }[] {
  const terms = { bias: bench.numbers(2 * n * n), mask: bench.numbers(n * n) };
  const hidden = bench.given(terms.mask.values.map((value, i) => (value < -1 && i % n > 0 ? -Infinity : value)));
  const order = bench.integers(
    Array.from({ length: 2 * n }, (_, i) => (7 * i + 3) % (2 * n)).filter((row, i, all) => all.indexOf(row) === i),
  );
  const unique = order.values.length === 2 * n ? order : bench.integers(Array.from({ length: 2 * n }, (_, i) => 2 * n - 1 - i));
  const queries = Math.ceil(n / 2);
  const batch = n > 100 ? 1 : 2;
  const common = { heads: 2, queryCount: n, keyCount: n, lookahead: n };
  const masked: AttentionShape = {
    ...common,
    batch,
    headSize: 5,
    scale: 0.5,
    bias: terms.bias.values,
    mask: hidden.values,
    maskBatches: 1,
    maskRows: n,
  };
  const causal: AttentionShape = { ...common, batch: 1, headSize: 16, scale: 0.25, queryCount: queries, lookahead: n - queries };
  const inWindows: AttentionShape = { ...common, batch, headSize: 8, scale: 0.3, table: unique.values, windows: 2 };
  const drawn = (shape: AttentionShape): readonly Operand[] => {
    const width = shape.batch * (shape.windows ?? 1) * shape.heads * shape.headSize;
    return [shape.queryCount, shape.keyCount, shape.keyCount].map((count) => bench.numbers(count * width));
  };
  return [
    { shape: masked, parts: drawn(masked), pointers: [terms.bias.pointer, hidden.pointer, 0] },
    { shape: causal, parts: drawn(causal), pointers: [0, 0, 0] },
    { shape: inWindows, parts: drawn(inWindows), pointers: [0, 0, unique.pointer] },
  ];
}

/** heads … windows: what both kernels end with. */
function geometry({ heads, headSize, queryCount, keyCount, scale, mask, lookahead, windows = 1 }: AttentionShape) {
  const width = heads * headSize;
  const [queryRows, keyRows] = [queryCount * windows, keyCount * windows];
  const ends = [scale, 1, mask ? keyCount : 0, lookahead, windows] as const;
  return [heads, headSize, queryCount, keyCount, queryRows, keyRows, width, width, width, width, ...ends] as const;
}

/** (2, n, 7), (2, 12, n), and in square. */
const fourierShapes = (n: number): readonly (readonly [rows: number, columns: number])[] => [
  [n, 7],
  [12, n],
  ...(n < 100 ? [[n, n] as const] : []),
];

export const matrices = {
  fftRows: (bench, n) =>
    [0, 1].flatMap((inverse) =>
      [1, 6].map((rows) => {
        const length = Math.max(n, 1);
        const x = bench.numbers(2 * rows * length);
        const y = bench.output(2 * rows * length);
        const plan = bench.core.fftPlans.pointer(length);
        bench.launchWithScratch("fftRows", fftRowsUnits(rows), fftRowsScratch(length), x.pointer, y.pointer, plan, rows, length, inverse);
        bench.expect(y, fftRows(x.values, length, inverse === 1), 1e-6);
        return y;
      }),
    ),
  fourierMixRows: (bench, n) =>
    fourierShapes(n).map(([rows, columns]) => {
      const x = bench.numbers(2 * rows * columns);
      const r = bench.output(fourierMixPanelsLength(2, rows, columns));
      const [units, scratch] = [fourierMixRowsUnits(2, rows), fourierMixRowsScratch(columns)];
      const plan = bench.core.fftPlans.pointer(columns);
      bench.launchWithScratch("fourierMixRows", units, scratch, x.pointer, r.pointer, plan, rows, columns);
      bench.expect(r, fourierMixRows(x.values, rows, columns), 1e-6);
      return r;
    }),
  fourierMixColumns: (bench, n) =>
    fourierShapes(n).map(([rows, columns]) => {
      const r = bench.numbers(fourierMixPanelsLength(2, rows, columns));
      const y = bench.output(2 * rows * columns);
      const [units, scratch] = [fourierMixColumnsUnits(2, columns), fourierMixColumnsScratch(rows)];
      const plan = bench.core.fftPlans.pointer(rows);
      bench.launchWithScratch("fourierMixColumns", units, scratch, r.pointer, y.pointer, plan, rows, columns);
      bench.expect(y, fourierMixColumns(r.values, rows, columns), 1e-6);
      return y;
    }),
  matmul: (bench, n) =>
    [0, 1, 2, 3, 4, 5, 6].map((activated) => {
      const [m, k, batch] = [Math.min(n, 64) + activated, n, 2];
      const group = bench.core.simd === "relaxed" ? 6 : 4;
      const all = activated % 2 === 0; // with everything around the product, or with nothing
      const [a, b] = [bench.numbers(batch * m * k), bench.numbers(batch * k * n)];
      const [before, residual, bias] = [bench.numbers(batch * m * n), bench.numbers(batch * m * n), bench.numbers(n)];
      const panelsLength = packedPanelsLength(k, n);
      const each = (f: (i: number) => Float64Array): Operand => bench.given(Array.from({ length: batch }, (_, i) => [...f(i)]).flat());
      const rows = each((i) => packRows(a.values.subarray(i * m * k), m, k, k, 1, group));
      const panels = each((i) => packPanels(b.values.subarray(i * k * n), k, n, n, 1));
      const y = bench.output(batch * m * n, all ? before.values : undefined);
      const alpha = all ? 0.5 : 1;
      bench.launchWithScratch(
        "matmul",
        matmulUnits(batch, m, n),
        MATMUL_SCRATCH,
        rows.pointer,
        m * k,
        panels.pointer,
        panelsLength,
        y.pointer,
        m * n,
        n,
        m,
        k,
        n,
        alpha,
        all ? 1 : 0,
        all ? bias.pointer : 0,
        activated,
        all ? residual.pointer : 0,
        m * n,
        n,
      );
      const expected = Array.from({ length: batch }, (_, i) => {
        const part = (x: Operand): Float64Array => x.values.subarray(i * m * n);
        const around = all ? { alpha, y: part(before), bias: bias.values, residual: part(residual) } : {};
        return [...matmul(a.values.subarray(i * m * k), b.values.subarray(i * k * n), m, k, n, { ...around, activation: activated })];
      });
      bench.expect(y, expected.flat());
      return y;
    }),
  packRows: (bench, n) =>
    [true, false].map((rowMajor) => {
      const m = Math.min(n, 64) + 3;
      const a = bench.numbers(m * n);
      const [rowStride, columnStride] = rowMajor ? [n, 1] : [1, m];
      const y = bench.output(m * n);
      bench.launch("packRows", packRowsUnits(m), a.pointer, y.pointer, m, n, rowStride, columnStride);
      bench.expect(y, packRows(a.values, m, n, rowStride, columnStride, bench.core.simd === "relaxed" ? 6 : 4), 0);
      return y;
    }),
  packPanels: (bench, n) =>
    [true, false].map((rowMajor) => {
      const [k, b] = [n + 2, bench.numbers((n + 2) * n)];
      const [kStride, nStride] = rowMajor ? [n, 1] : [1, k];
      const y = bench.output(packedPanelsLength(k, n));
      bench.launch("packPanels", packPanelsUnits(n), b.pointer, y.pointer, k, n, kStride, nStride);
      bench.expect(y, packPanels(b.values, k, n, kStride, nStride), 0);
      return y;
    }),
  unpackPanels: (bench, n) =>
    [true, false].map((rowMajor) => {
      const [k, b] = [n + 2, bench.numbers((n + 2) * n)];
      const [kStride, nStride] = rowMajor ? [n, 1] : [1, k];
      const panels = bench.given(packPanels(b.values, k, n, kStride, nStride));
      const y = bench.output(k * n);
      bench.launch("unpackPanels", packPanelsUnits(n), panels.pointer, y.pointer, k, n, kStride, nStride);
      bench.expect(y, b.values, 0);
      return y;
    }),
  attention: (bench, n) =>
    attentionCases(bench, n).flatMap(({ shape, parts: [q, k, v], pointers }) => {
      if (!q || !k || !v) return [];
      const items = shape.batch * (shape.windows ?? 1);
      const whole = { ...shape, batch: items };
      const [y, logSumExp] = [bench.output(q.values.length), bench.output(items * shape.heads * shape.queryCount)];
      const units = attentionUnits(items, shape.heads, shape.queryCount);
      const scratch = attentionScratch(shape.keyCount, shape.headSize);
      bench.launchWithScratch(
        "attention",
        units,
        scratch,
        q.pointer,
        k.pointer,
        v.pointer,
        y.pointer,
        logSumExp.pointer,
        ...pointers,
        ...geometry(shape),
      );
      const expected = attention(q.values, k.values, v.values, whole);
      bench.expect(y, expected.y);
      bench.expect(logSumExp, expected.logSumExp);
      return [y, logSumExp];
    }),
  attentionBackward: (bench, n) =>
    attentionCases(bench, n).flatMap(({ shape, parts: [q, k, v], pointers }) => {
      if (!q || !k || !v) return [];
      const items = shape.batch * (shape.windows ?? 1);
      const whole = { ...shape, batch: items };
      const forward = attention(q.values, k.values, v.values, whole);
      const [y, logSumExp, dy] = [bench.given(forward.y), bench.given(forward.logSumExp), bench.numbers(q.values.length)];
      const [dq, dk, dv] = [bench.output(q.values.length), bench.output(k.values.length), bench.output(v.values.length)];
      const dScores = bench.output(items * shape.heads * shape.queryCount * shape.keyCount);
      const scratch = attentionBackwardScratch(shape.keyCount, shape.headSize);
      bench.launchWithScratch(
        "attentionBackward",
        attentionBackwardUnits(items, shape.heads),
        scratch,
        dy.pointer,
        q.pointer,
        k.pointer,
        v.pointer,
        y.pointer,
        logSumExp.pointer,
        ...pointers,
        dq.pointer,
        dk.pointer,
        dv.pointer,
        dScores.pointer,
        ...geometry(shape),
      );
      const expected = attentionBackward(dy.values, q.values, k.values, v.values, whole);
      for (const [output, values] of [
        [dq, expected.dq],
        [dk, expected.dk],
        [dv, expected.dv],
        [dScores, expected.dScores],
      ] as const)
        bench.expect(output, values);
      return [dq, dk, dv, dScores];
    }),
} satisfies Readonly<Record<string, KernelCase>>;
