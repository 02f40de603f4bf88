/** Specification of assembly/int8-quantize.ts and int8-matmul.ts. Steps are rounded to float32, so that whole numbers come out exactly as there. */
import { activate, type Activation } from "./activate.ts";
import { generate, type Numbers, total } from "./numbers.ts";

/** A row in whole numbers: x ≈ step · (values - zero). */
export interface QuantizedRow {
  readonly step: number;
  readonly zero: number;
  readonly values: Numbers;
}

const { fround } = Math;

/** To the nearest whole number, ties to even; what isn't a number is 0. */
function nearest(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) || 0;
}

/** The range of x and 0 in `steps`, as whole numbers from `lowest` to 127. */
function quantize(x: Numbers, lowest: number, steps: number): QuantizedRow {
  const least = Math.min(0, ...Array.from(x));
  const range = fround(Math.max(0, ...Array.from(x)) - least);
  if (!(range > fround(1e-30) && range < Infinity)) {
    return { step: range <= fround(1e-30) ? 0 : Number.NaN, zero: 0, values: new Float64Array(x.length) };
  }
  const inverse = fround(steps / range);
  const zero = lowest - nearest(fround(least * inverse));
  return { step: fround(range / steps), zero, values: generate(x.length, (i) => Math.min(127, nearest(fround(x[i]! * inverse)) + zero)) };
}

/** Eight bits, from -128. */
export const quantizeRow = (x: Numbers): QuantizedRow => quantize(x, -128, 255);

/** Seven bits, from 0. */
export const quantizeColumn = (w: Numbers): QuantizedRow => quantize(w, 0, 127);

const rowsOf = (x: Numbers, rows: number, columns: number): Float64Array[] =>
  Array.from({ length: rows }, (_, i) => generate(columns, (j) => x[i * columns + j]!));

/** Missing steps of k are 0, which is quantised as `zero`. */
const quad = ({ values, zero }: QuantizedRow, index: number): number[] => [0, 1, 2, 3].map((i) => values[4 * index + i] ?? zero);

function bytesOf(numbers: readonly number[], type: new (values: readonly number[]) => ArrayBufferView): number[] {
  const { buffer, byteOffset, byteLength } = new type(numbers);
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
}

/** x (m × k) in groups of at most 4 rows, as even as can be: [rows][step, zero, Σ, 0], [⌈k/4⌉][rows][4]. Words stand in the order 0, 2, 1, 3. */
export function int8Rows(x: Numbers, m: number, k: number, element: "bytes" | "words"): number[] {
  const rows = rowsOf(x, m, k).map(quantizeRow);
  const quads = Array.from({ length: Math.ceil(k / 4) }, (_, index) => index);
  const count = Math.ceil(m / 4);
  const groups = Array.from({ length: count }, (_, g) => rows.splice(0, Math.ceil(rows.length / (count - g))));
  return groups.flatMap((group) => [
    ...group.flatMap((row) => {
      const sum = total(4 * quads.length, (l) => row.values[l] ?? row.zero);
      return [...bytesOf([row.step], Float32Array), ...bytesOf([row.zero, sum, 0], Int32Array)];
    }),
    ...quads.flatMap((index) =>
      group.flatMap((row) => {
        const [a = 0, b = 0, c = 0, d = 0] = quad(row, index);
        return element === "bytes" ? bytesOf([a, b, c, d], Int8Array) : bytesOf([a, c, b, d], Int16Array);
      }),
    ),
  ]);
}

/** A weight (n, k) in panels of 8 rows, missing ones zeros: [8] steps, [8] zeros, [8] Σ(u - zero), [⌈k/4⌉][8][4] bytes. */
export function int8Panels(weight: Numbers, k: number, n: number): number[] {
  const columns = rowsOf(weight, n, k).map(quantizeColumn);
  const quads = Array.from({ length: Math.ceil(k / 4) }, (_, index) => index);
  const panels = Array.from({ length: Math.ceil(n / 8) }, (_, panel) => [0, 1, 2, 3, 4, 5, 6, 7].map((lane) => columns[8 * panel + lane]));
  return panels.flatMap((panel) => [
    ...panel.flatMap((column) => bytesOf([column?.step ?? 0], Float32Array)),
    ...panel.flatMap((column) => bytesOf([column?.zero ?? 0], Int32Array)),
    ...panel.flatMap((column) => bytesOf([column ? total(k, (l) => column.values[l]! - column.zero) : 0], Int32Array)),
    ...quads.flatMap((index) => panel.flatMap((column) => (column ? quad(column, index) : [0, 0, 0, 0]))),
  ]);
}

/** activation(x (m, k) · weight (n, k)ᵀ + bias (n)) with both in whole numbers, (m, n). */
export function int8Matmul(
  x: Numbers,
  weight: Numbers,
  m: number,
  k: number,
  n: number,
  { bias, activation }: { readonly bias?: Numbers; readonly activation?: Activation | undefined } = {},
): Numbers {
  const rows = rowsOf(x, m, k).map(quantizeRow);
  const columns = rowsOf(weight, n, k).map(quantizeColumn);
  const y = generate(m * n, (i) => {
    const [a, b] = [rows[Math.floor(i / n)]!, columns[i % n]!];
    return a.step * b.step * total(k, (l) => (a.values[l]! - a.zero) * (b.values[l]! - b.zero)) + (bias?.[i % n] ?? 0);
  });
  return activate(y, activation);
}
