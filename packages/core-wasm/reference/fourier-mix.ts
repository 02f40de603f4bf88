/** Specification of assembly/fourier-mix.ts: the sums of its header, term by term. */
import { generate, type Numbers, total } from "./numbers.ts";

const cosine = (turns: number, of: number): number => Math.cos((2 * Math.PI * (turns % of)) / of);
const sine = (turns: number, of: number): number => Math.sin((2 * Math.PI * (turns % of)) / of);

/** x (batch, N, D) → y (batch, N, D): the real part of the transforms of the columns of the transforms of the rows. */
export function fourierMix(x: Numbers, rows: number, columns: number): Float64Array {
  const batch = x.length / (rows * columns) || 0;
  const part = (f: (turns: number, of: number) => number): Float64Array =>
    generate(x.length, (i) => {
      const row = i - (i % columns);
      return total(columns, (h) => f(((i % columns) * h) % columns, columns) * x[row + h]!);
    });
  const [re, minusIm] = [part(cosine), part(sine)];
  return generate(batch * rows * columns, (i) => {
    const d = i % columns;
    const k = Math.floor(i / columns) % rows;
    const sample = i - k * columns - d;
    return total(rows, (n) => {
      const at = sample + n * columns + d;
      return cosine(k * n, rows) * re[at]! - sine(k * n, rows) * minusIm[at]!;
    });
  });
}

/** x (batch, N, D) → ½r (batch, panels, N, 8). */
export function fourierMixRows(x: Numbers, rows: number, columns: number): Float64Array {
  const batch = x.length / (rows * columns) || 0;
  const panels = Math.floor(columns / 16) + 1;
  return generate(batch * panels * rows * 8, (i) => {
    const n = Math.floor(i / 8) % rows;
    const panel = Math.floor(i / (8 * rows)) % panels;
    const d = Math.min(8 * panel + (i % 8), Math.floor(columns / 2));
    const sample = Math.floor(i / (8 * rows * panels)) * rows * columns;
    const ahead = sample + n * columns;
    const behind = sample + ((rows - n) % rows) * columns;
    return total(columns, (h) => {
      const even = (x[ahead + h]! + x[behind + h]!) / 4;
      const odd = (x[ahead + h]! - x[behind + h]!) / 4;
      return cosine(d * h, columns) * even - sine(d * h, columns) * odd;
    });
  });
}

/** ½r (batch, panels, N, 8) → y (batch, N, D). */
export function fourierMixColumns(r: Numbers, rows: number, columns: number): Float64Array {
  const panels = Math.floor(columns / 16) + 1;
  const batch = r.length / (panels * rows * 8) || 0;
  return generate(batch * rows * columns, (i) => {
    const sample = Math.floor(i / (rows * columns));
    const mirrored = 2 * (i % columns) > columns; // y[k, d] = y[−k, −d]
    const d = mirrored ? columns - (i % columns) : i % columns;
    const row = Math.floor(i / columns) % rows;
    const k = mirrored ? rows - row : row;
    const panel = (sample * panels + Math.floor(d / 8)) * rows;
    return 2 * total(rows, (n) => (cosine(k * n, rows) + sine(k * n, rows)) * r[8 * (panel + n) + (d % 8)]!);
  });
}
