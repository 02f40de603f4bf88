/** Matrix products, their packing, and attention. */
import { attention, attentionBackward, type AttentionShape } from "../reference/attention.ts";
import { fft } from "../reference/fft.ts";
import { fourierMixColumns, fourierMixRows } from "../reference/fourier-mix.ts";
import { matmul, packPanels, packRows } from "../reference/matmul.ts";
import { fftPlan, fourierMixPanelsLength, packedPanelsLength } from "../src/index.ts";
import type { Bench, Given, KernelCase } from "./bench.ts";
import { activations } from "./kernels.usual.ts";

/** Three shapes of attention with n tokens: dense with all terms; causal with fewer queries; windows of an image of 2n rows. */
function attentionCases(
  bench: Bench,
  n: number,
): {
  shape: AttentionShape;
  parts: { query: Given; key: Given; value: Given };
  terms: { bias?: Given; mask?: Given; table?: Given<"int32"> };
}[] {
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
  const drawn = (shape: AttentionShape) => {
    const width = shape.batch * (shape.windows ?? 1) * shape.heads * shape.headSize;
    const [query, key, value] = [shape.queryCount, shape.keyCount, shape.keyCount].map((count) => bench.numbers(count * width));
    return { query, key, value } as { query: Given; key: Given; value: Given };
  };
  return [
    { shape: masked, parts: drawn(masked), terms: { bias: terms.bias, mask: hidden } },
    { shape: causal, parts: drawn(causal), terms: {} },
    { shape: inWindows, parts: drawn(inWindows), terms: { table: unique } },
  ];
}

/** What both kernels take besides operands. */
function geometry({ batch, heads, headSize, queryCount, keyCount, scale, mask, lookahead, windows = 1 }: AttentionShape) {
  const width = heads * headSize;
  const strides = { queryStride: width, keyStride: width, valueStride: width, yStride: width };
  const rows = { queryRows: queryCount * windows, keyRows: keyCount * windows, maskBatches: 1, maskRowStride: mask ? keyCount : 0 };
  return { batch: batch * windows, heads, headSize, queryCount, keyCount, scale, lookahead, windows, ...strides, ...rows };
}

/** (2, n, 7), (2, 12, n), and in square. */
const fourierShapes = (n: number): readonly (readonly [rows: number, columns: number])[] => [
  [n, 7],
  [12, n],
  ...(n < 100 ? [[n, n] as const] : []),
];

export const matrices = {
  fft: (bench, n) =>
    [false, true].flatMap((inverse) =>
      [1, 6].map((rows) => {
        const length = Math.max(n, 1);
        const x = bench.numbers(2 * rows * length);
        const y = bench.output(2 * rows * length);
        bench.kernels.fft({ x, y, ...fftPlan(bench.core, length), rows, length, inverse });
        bench.expect(y, fft(x.values, length, inverse), 1e-6);
        return y;
      }),
    ),
  fourierMixRows: (bench, n) =>
    fourierShapes(n).map(([rows, columns]) => {
      const x = bench.numbers(2 * rows * columns);
      const r = bench.output(fourierMixPanelsLength(2, rows, columns));
      bench.kernels.fourierMixRows({ x, r, ...fftPlan(bench.core, columns), batch: 2, rows, columns });
      bench.expect(r, fourierMixRows(x.values, rows, columns), 1e-6);
      return r;
    }),
  fourierMixColumns: (bench, n) =>
    fourierShapes(n).map(([rows, columns]) => {
      const r = bench.numbers(fourierMixPanelsLength(2, rows, columns));
      const y = bench.output(2 * rows * columns);
      bench.kernels.fourierMixColumns({ r, y, ...fftPlan(bench.core, rows), batch: 2, rows, columns });
      bench.expect(y, fourierMixColumns(r.values, rows, columns), 1e-6);
      return y;
    }),
  matmul: (bench, n) =>
    [undefined, ...activations].map((activation, which) => {
      const [m, k, batch] = [Math.min(n, 64) + which, n, 2];
      const group = Number.parseInt(bench.core.tile); // its rows
      const accumulate = which % 2 === 0; // with everything around the product, or with nothing
      const [a, b] = [bench.numbers(batch * m * k), bench.numbers(batch * k * n)];
      const [before, vector] = [bench.numbers(batch * m * n), bench.numbers(n)];
      const bias = accumulate ? vector : undefined;
      const panelsLength = packedPanelsLength(k, n);
      const each = (f: (i: number) => Float64Array): Given => bench.given(Array.from({ length: batch }, (_, i) => [...f(i)]).flat());
      const rows = each((i) => packRows(a.values.subarray(i * m * k), m, k, k, 1, group));
      const panels = each((i) => packPanels(b.values.subarray(i * k * n), k, n, n, 1));
      const y = bench.output(batch * m * n, accumulate ? before.values : undefined);
      const strides = { rowsBatchStride: m * k, panelsBatchStride: panelsLength, yBatchStride: m * n, yRowStride: n };
      bench.kernels.matmul({ rows, panels, y, bias, ...strides, batch, m, k, n, accumulate, activation });
      const expected = Array.from({ length: batch }, (_, i) => {
        const around = bias ? { y: before.values.subarray(i * m * n), bias: bias.values } : {};
        return [...matmul(a.values.subarray(i * m * k), b.values.subarray(i * k * n), m, k, n, { ...around, activation })];
      });
      bench.expect(y, expected.flat(), Math.max(4e-6, 1e-7 * k)); // activations make the largest number small, not the rounding of long sums
      return y;
    }),
  packRows: (bench, n) =>
    [true, false].map((rowMajor) => {
      const m = Math.min(n, 64) + 3;
      const a = bench.numbers(m * n);
      const [rowStride, columnStride] = rowMajor ? [n, 1] : [1, m];
      const rows = bench.output(m * n);
      bench.kernels.packRows({ a, rows, m, k: n, rowStride, columnStride });
      bench.expect(rows, packRows(a.values, m, n, rowStride, columnStride, Number.parseInt(bench.core.tile)), 0);
      return rows;
    }),
  packPanels: (bench, n) =>
    [true, false].map((rowMajor) => {
      const [k, b] = [n + 2, bench.numbers((n + 2) * n)];
      const [kStride, nStride] = rowMajor ? [n, 1] : [1, k];
      const panels = bench.output(packedPanelsLength(k, n));
      bench.kernels.packPanels({ b, panels, k, n, kStride, nStride });
      bench.expect(panels, packPanels(b.values, k, n, kStride, nStride), 0);
      return panels;
    }),
  unpackPanels: (bench, n) =>
    [true, false].map((rowMajor) => {
      const [k, values] = [n + 2, bench.numbers((n + 2) * n).values];
      const [kStride, nStride] = rowMajor ? [n, 1] : [1, k];
      const panels = bench.given(packPanels(values, k, n, kStride, nStride));
      const b = bench.output(k * n);
      bench.kernels.unpackPanels({ panels, b, k, n, kStride, nStride });
      bench.expect(b, values, 0);
      return b;
    }),
  attention: (bench, n) =>
    attentionCases(bench, n).flatMap(({ shape, parts, terms }) => {
      const { query, key, value } = parts;
      const whole = { ...shape, batch: shape.batch * (shape.windows ?? 1) };
      const [y, logSumExp] = [bench.output(query.values.length), bench.output(whole.batch * shape.heads * shape.queryCount)];
      bench.kernels.attention({ ...parts, y, logSumExp, ...terms, ...geometry(shape) });
      const expected = attention(query.values, key.values, value.values, whole);
      bench.expect(y, expected.y);
      bench.expect(logSumExp, expected.logSumExp);
      return [y, logSumExp];
    }),
  attentionBackward: (bench, n) =>
    attentionCases(bench, n).flatMap(({ shape, parts, terms }) => {
      const { query, key, value } = parts;
      const whole = { ...shape, batch: shape.batch * (shape.windows ?? 1) };
      const forward = attention(query.values, key.values, value.values, whole);
      const [y, logSumExp, dy] = [bench.given(forward.y), bench.given(forward.logSumExp), bench.numbers(query.values.length)];
      const [dq, dk, dv] = [bench.output(query.values.length), bench.output(key.values.length), bench.output(value.values.length)];
      const dScores = bench.output(whole.batch * shape.heads * shape.queryCount * shape.keyCount);
      bench.kernels.attentionBackward({ dy, ...parts, y, logSumExp, ...terms, dq, dk, dv, dScores, ...geometry(shape) });
      const expected = attentionBackward(dy.values, query.values, key.values, value.values, whole);
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
