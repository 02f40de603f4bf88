/** Specification of assembly/layer-norm.ts. */
import { generate, type Numbers, total } from "./numbers.ts";

export function layerNorm(
  x: Numbers,
  weight: Numbers | null,
  bias: Numbers | null,
  columns: number,
  epsilon: number,
): { y: Float64Array; mean: Float64Array; rstd: Float64Array } {
  const rows = x.length / columns || 0;
  const mean = generate(rows, (r) => total(columns, (c) => x[r * columns + c]!) / columns);
  const rstd = generate(rows, (r) => {
    const variance = total(columns, (c) => (x[r * columns + c]! - mean[r]!) ** 2) / columns;
    return 1 / Math.sqrt(variance + epsilon);
  });
  const y = generate(x.length, (i) => {
    const r = Math.floor(i / columns);
    const c = i % columns;
    return (x[i]! - mean[r]!) * rstd[r]! * (weight?.[c] ?? 1) + (bias?.[c] ?? 0);
  });
  return { y, mean, rstd };
}

export function layerNormBackward(
  x: Numbers,
  weight: Numbers | null,
  mean: Numbers,
  rstd: Numbers,
  dy: Numbers,
  columns: number,
): Float64Array {
  const dx = new Float64Array(x.length);
  for (let r = 0; r < mean.length; r++) {
    const g = (c: number): number => dy[r * columns + c]! * (weight?.[c] ?? 1);
    const normal = (c: number): number => (x[r * columns + c]! - mean[r]!) * rstd[r]!;
    const meanG = total(columns, g) / columns;
    const meanGX = total(columns, (c) => g(c) * normal(c)) / columns;
    for (let c = 0; c < columns; c++) dx[r * columns + c] = rstd[r]! * (g(c) - meanG - normal(c) * meanGX);
  }
  return dx;
}

export function layerNormBackwardWeights(
  x: Numbers,
  mean: Numbers,
  rstd: Numbers,
  dy: Numbers,
  columns: number,
): { dw: Float64Array; db: Float64Array } {
  const rows = mean.length;
  const normal = (r: number, c: number): number => (x[r * columns + c]! - mean[r]!) * rstd[r]!;
  return {
    dw: generate(columns, (c) => total(rows, (r) => dy[r * columns + c]! * normal(r, c))),
    db: generate(columns, (c) => total(rows, (r) => dy[r * columns + c]!)),
  };
}
