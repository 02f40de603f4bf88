/** Timing that a noisy machine can't bend much: contenders take turns, and medians are compared. */
import type { Contender } from "./case.ts";
import { settle } from "./settle.ts";

export interface MeasureOptions {
  /** Turns of each contender. Default: as many as fit into `seconds`, from 3 to 21. */
  readonly rounds?: number | undefined;
  /** Default 20. */
  readonly seconds?: number | undefined;
  /** How long to run each contender before the first round, in ms: V8's optimising compiler comes late. Default 300. */
  readonly warmUpMs?: number;
  /** How long a turn takes at least, in ms: short runs are repeated and averaged. Default 10. */
  readonly turnMs?: number;
}

/** Times of one run, in ms. */
export interface Timing {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
}

const LEAST_WARM_UP_RUNS = 3;
/** A warm-up of fewer runs ends here: a run that takes seconds is compiled within the first. */
const LONGEST_WARM_UP_MS = 3000;
/** Runs shorter than this get an untimed one first in every turn, to find their caches warm and their threads awake. */
const SHORT_RUN_MS = 50;

/** Times the contenders in turns, round by round; results are in their order. */
export async function interleave(contenders: readonly Contender[], options: MeasureOptions = {}): Promise<Timing[]> {
  const { warmUpMs = 300, turnMs = 10, seconds = 20 } = options;
  const expected: number[] = [];
  for (const contender of contenders) expected.push(await warmUp(contender, warmUpMs));
  const roundMs = expected.reduce((sum, ms) => sum + Math.max(ms, turnMs) + (ms < SHORT_RUN_MS ? ms : 0), 0);
  const rounds = options.rounds ?? Math.min(Math.max(Math.round((1000 * seconds) / roundMs), 3), 21);
  const times = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) times[i]?.push(await takeTurn(contender, expected[i] ?? 0, turnMs));
  }
  return times.map(timing);
}

/** How far the quartiles lie apart, as a share of the median. */
export const spreadOf = ({ median, p25, p75 }: Timing): number => (p75 - p25) / median;

/** Quartiles farther apart than this share of the median: something else had the machine now and then. */
export const DISTURBED = 0.2;

/** Always the same work, in no library: what its times vary by is the machine's own noise. */
export const yardstick: Contender = {
  name: "yardstick",
  run: () => {
    let sum = 1;
    for (let i = 0; i < 2_000_000; i++) sum = (sum * 16807) % 2147483647;
    return sum < 0 ? new Float32Array() : undefined;
  },
};

export function timing(times: readonly number[]): Timing {
  return { median: quantile(times, 0.5), p25: quantile(times, 0.25), p75: quantile(times, 0.75) };
}

/** The q-th quantile, linear between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** @returns about how long a run takes when warm: the fastest one, in ms */
async function warmUp(contender: Contender, warmUpMs: number): Promise<number> {
  const start = performance.now();
  let fastest = Number.POSITIVE_INFINITY;
  for (let runs = 1; ; runs++) {
    fastest = Math.min(fastest, await timeRuns(contender, 1));
    const elapsed = performance.now() - start;
    if (elapsed >= LONGEST_WARM_UP_MS || (elapsed >= warmUpMs && runs >= LEAST_WARM_UP_RUNS)) return fastest;
  }
}

async function takeTurn(contender: Contender, expectedMs: number, turnMs: number): Promise<number> {
  await settle();
  if (expectedMs < SHORT_RUN_MS) await contender.run();
  return timeRuns(contender, Math.max(1, Math.ceil(turnMs / Math.max(expectedMs, 0.001))));
}

/** @returns ms a run, the mean of `runs` */
async function timeRuns(contender: Contender, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) await contender.run();
  return (performance.now() - start) / runs;
}
