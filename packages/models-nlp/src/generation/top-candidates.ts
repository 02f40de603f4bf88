/** Indices of the `count` greatest, the greatest first; of equals the first. NaN never counts. */
export function topCandidates(values: Float32Array | Float64Array, count: number): number[] {
  const kept: number[] = [];
  let least = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (kept.length === count ? !(value > least) : Number.isNaN(value)) continue;
    let at = kept.length;
    while (at > 0 && (values[kept[at - 1] as number] as number) < value) at--;
    kept.splice(at, 0, i);
    if (kept.length > count) kept.pop();
    least = values[kept.at(-1) as number] as number;
  }
  return kept;
}
