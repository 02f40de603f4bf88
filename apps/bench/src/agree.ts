import type { Output } from "./case.ts";

export interface Agreement {
  /** Whether there was anything to compare. */
  readonly compared: boolean;
  readonly agrees: boolean;
  readonly maxAbsDiff: number;
}

/**
 * Compares two outputs number by number. They agree when no difference is above `tolerance` times the largest magnitude of `theirs`. NaN agrees with nothing.
 */
export function agree(ours: Output, theirs: Output, tolerance: number): Agreement {
  if (!ours || !theirs) return { compared: false, agrees: true, maxAbsDiff: 0 };
  if (ours.length !== theirs.length) return { compared: true, agrees: false, maxAbsDiff: Number.POSITIVE_INFINITY };
  let [maxAbsDiff, largest] = [0, 0];
  for (const [i, their] of theirs.entries()) {
    const difference = Math.abs((ours[i] ?? Number.NaN) - their);
    if (!(difference <= maxAbsDiff)) maxAbsDiff = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    largest = Math.max(largest, Math.abs(their));
  }
  return { compared: true, agrees: maxAbsDiff <= tolerance * largest, maxAbsDiff };
}
