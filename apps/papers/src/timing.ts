/** Medians of what each takes in milliseconds, taken in turns, so that whatever else the machine does strikes all alike; once before, for nothing. */
export function interleaved(each: readonly (() => void)[], rounds: number): number[] {
  for (const one of each) one();
  const times = each.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [i, one] of each.entries()) {
      const began = performance.now();
      one();
      times[i]?.push(performance.now() - began);
    }
  }
  return times.map((own) => own.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0);
}
