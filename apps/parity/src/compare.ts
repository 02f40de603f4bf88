import type { GoldenTensor } from "./fixture.ts";

export interface Comparison {
  readonly model: string;
  readonly tensor: string;
  readonly maxAbsError: number;
  readonly cosine: number;
  readonly agrees: boolean;
}

/** Largest difference that counts as agreement, for numbers up to 1 in magnitude; above, it grows with the largest. */
const TOLERANCE = 1e-5;
const LEAST_COSINE = 0.999999;

export function compare(model: string, name: string, actual: ArrayLike<number>, expected: GoldenTensor): Comparison {
  let [maxAbsError, largest, dot, ours, theirs] = [0, 0, 0, 0, 0];
  for (const [i, e] of expected.data.entries()) {
    const a = actual[i] ?? Number.NaN;
    const difference = Object.is(a, e) || a === e ? 0 : Math.abs(a - e);
    maxAbsError = difference > maxAbsError || Number.isNaN(difference) ? difference : maxAbsError;
    largest = Math.max(largest, Math.abs(e));
    dot += a * e;
    ours += a * a;
    theirs += e * e;
  }
  const cosine = ours === 0 && theirs === 0 ? 1 : dot / Math.sqrt(ours * theirs);
  const sameLength = actual.length === expected.data.length;
  const agrees = sameLength && maxAbsError <= TOLERANCE * Math.max(1, largest) && cosine >= LEAST_COSINE;
  return { model, tensor: name, maxAbsError: sameLength ? maxAbsError : Number.NaN, cosine, agrees };
}
