/** Places of the `count` greatest values, the greatest first, the earlier of equals. @param counts which places count; default all */
export function greatest(values: Float32Array, count: number, counts?: readonly boolean[]): number[] {
  const best: number[] = [];
  for (const [at, value] of values.entries()) {
    const least = best.length < count ? -Infinity : (values[best.at(-1) ?? 0] ?? -Infinity);
    if (value <= least || counts?.[at] === false) continue;
    let place = best.length;
    while (place > 0 && (values[best[place - 1] ?? 0] ?? 0) < value) place--;
    best.splice(place, 0, at);
    if (best.length > count) best.pop();
  }
  return best;
}
