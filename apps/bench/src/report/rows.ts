import type { Agreement } from "../agree.ts";
import type { Case, Cost } from "../case.ts";
import type { Simd } from "@x/core-wasm";
import { DISTURBED, spreadOf, type Timing } from "../measure.ts";

/** One comparison, as a program reports it. */
export interface Measurement {
  readonly suite: string;
  readonly case: string;
  /** "node 26.10.0" */
  readonly runtime: string;
  readonly threads: number;
  /** How our kernels ran; rows from before 2026-11-27 don't say. */
  readonly simd?: Simd | undefined;
  readonly dtype: "f32" | "int8";
  readonly peer: string;
  /** Medians. */
  readonly oursMs: number;
  readonly peerMs: number;
  /** peerMs ÷ oursMs: above 1, ours is faster. */
  readonly ratio: number;
  readonly maxAbsDiff: number;
  /** First and third quartile, in ms. */
  readonly oursSpread: readonly [number, number];
  readonly peerSpread: readonly [number, number];
  /** How far apart the quartiles of a fixed piece of work lay meanwhile, as a share of its median: the machine's own noise. */
  readonly noise?: number | undefined;
  /** There if even a second try had quartiles a fifth of the median apart, ours or the peer's: not to be trusted. */
  readonly disturbed?: true | undefined;
  /** Where the case stands on axes of sizes. */
  readonly costs?: readonly Cost[] | undefined;
}

/** Where and when something was measured. */
export interface Origin {
  /** "AMD EPYC, 2 cores" */
  readonly machine: string;
  /** "2026-11-23" */
  readonly date: string;
}

/** A comparison as it is stored. */
export interface Row extends Measurement, Origin {
  /** Of the library that was compared with. */
  readonly peerVersion?: string | undefined;
}

/** A comparison and what the table says besides. */
export interface Result {
  readonly row: Measurement;
  readonly agreement: Agreement;
  readonly flops: number | undefined;
}

/** A comparison that can't be made. */
export interface Skip {
  readonly case: string;
  readonly runtime: string;
  readonly threads: number;
  readonly peer: string;
  readonly reason: string;
}

export function resultOf(
  where: Pick<Measurement, "suite" | "runtime" | "threads" | "simd">,
  { name, flops, repetitions = 1, costs, dtype = "f32" }: Pick<Case, "name" | "flops" | "repetitions" | "costs" | "dtype">,
  peer: string,
  [ours, theirs, noise]: readonly [Timing, Timing, Timing?],
  agreement: Agreement,
): Result {
  const spread = ({ p25, p75 }: Timing): [number, number] => [p25 / repetitions, p75 / repetitions];
  const row: Measurement = {
    suite: where.suite,
    case: name,
    runtime: where.runtime,
    threads: where.threads,
    simd: where.simd,
    dtype,
    peer,
    oursMs: ours.median / repetitions,
    peerMs: theirs.median / repetitions,
    ratio: theirs.median / ours.median,
    // JSON has no infinity; the largest number says "nothing alike" just as well.
    maxAbsDiff: Math.min(agreement.maxAbsDiff, Number.MAX_VALUE),
    oursSpread: spread(ours),
    peerSpread: spread(theirs),
    ...(noise && { noise: Number(spreadOf(noise).toFixed(3)) }),
    ...(Math.max(spreadOf(ours), spreadOf(theirs)) > DISTURBED && { disturbed: true as const }),
    ...(costs && { costs }),
  };
  return { row, agreement, flops };
}
