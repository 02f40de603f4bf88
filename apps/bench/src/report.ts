/** Rows of results, as JSON and as a table. */
import type { Agreement } from "./agree.ts";
import type { Case } from "./case.ts";
import type { Timing } from "./measure.ts";

/** One comparison, as it is written to JSON. */
export interface Row {
  readonly case: string;
  /** "node 26.10.0" */
  readonly runtime: string;
  readonly threads: number;
  readonly dtype: "f32";
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
}

/** A row and what the table says besides. */
export interface Result {
  readonly row: Row;
  readonly agreement: Agreement;
  readonly flops: number | undefined;
}

/** A comparison that can't be made. */
export interface Skip {
  readonly case: string;
  readonly threads: number;
  readonly peer: string;
  readonly reason: string;
}

export function resultOf(
  { name, flops, repetitions = 1 }: Case,
  threads: number,
  peer: string,
  [ours, theirs]: readonly [Timing, Timing],
  agreement: Agreement,
): Result {
  const spread = ({ p25, p75 }: Timing): [number, number] => [p25 / repetitions, p75 / repetitions];
  const row: Row = {
    case: name,
    runtime: `node ${process.versions.node}`,
    threads,
    dtype: "f32",
    peer,
    oursMs: ours.median / repetitions,
    peerMs: theirs.median / repetitions,
    ratio: theirs.median / ours.median,
    // JSON has no infinity; the largest number says "nothing alike" just as well.
    maxAbsDiff: Math.min(agreement.maxAbsDiff, Number.MAX_VALUE),
    oursSpread: spread(ours),
    peerSpread: spread(theirs),
  };
  return { row, agreement, flops };
}

const headings = ["case", "threads", "peer", "ours ms", "p25–p75", "peer ms", "p25–p75", "ratio", "GFLOP/s", "peer's", "max diff", ""];
const leftAligned = new Set([0, 2]);

export function table(results: readonly Result[]): string {
  const lines = [headings, ...results.map(cells)];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    leftAligned.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

/** How many outputs agree, of those that could be compared. */
export function verdict(results: readonly Result[]): string {
  const compared = results.filter(({ agreement }) => agreement.compared);
  return `${compared.filter(({ agreement }) => agreement.agrees).length} of ${compared.length} compared outputs agree`;
}

/** Why peers are missing: one line for each peer, number of threads and reason. */
export function skipped(skips: readonly Skip[]): string {
  const byReason = Map.groupBy(
    skips,
    ({ peer, threads, reason }) => `${peer}, ${threads === 1 ? "1 thread" : `${threads} threads`}: ${reason}`,
  );
  return [...byReason].map(([reason, { length }]) => `  ${reason} (${length === 1 ? "1 case" : `${length} cases`})`).join("\n");
}

function cells({ row, agreement: { compared, agrees }, flops }: Result): string[] {
  const rate = (ms: number): string => (flops === undefined ? "" : (flops / ms / 1e6).toFixed(1));
  const spread = ([low, high]: readonly [number, number]): string => `${milliseconds(low)}–${milliseconds(high)}`;
  return [
    row.case,
    String(row.threads),
    row.peer,
    milliseconds(row.oursMs),
    spread(row.oursSpread),
    milliseconds(row.peerMs),
    spread(row.peerSpread),
    row.ratio.toFixed(2),
    rate(row.oursMs),
    rate(row.peerMs),
    compared ? row.maxAbsDiff.toExponential(1) : "",
    agrees ? "" : "DIFFERS",
  ];
}

/** Three digits or so. */
const milliseconds = (ms: number): string => ms.toFixed(Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(ms)))));
