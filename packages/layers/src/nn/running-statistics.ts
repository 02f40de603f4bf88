import type { ChannelStatistics } from "../ops/norm/batch-norm.ts";

/**
 * Moves running averages towards a batch's statistics, in place; of the variance towards the unbiased one, as in PyTorch.
 * @param count how many numbers of each channel the batch had
 * @param momentum how much of the batch's statistics goes into the running ones
 */
export function followStatistics(running: ChannelStatistics, batch: ChannelStatistics, count: number, momentum: number): void {
  const unbiased = count / Math.max(count - 1, 1);
  for (const [average, found, scale] of [
    [running.mean.data, batch.mean.data, 1],
    [running.variance.data, batch.variance.data, unbiased],
  ] as const) {
    for (const [i, value] of found.entries()) average[i] = (1 - momentum) * (average[i] ?? 0) + momentum * scale * value;
  }
}
