/** Results as text. */
import type { Result, Skip } from "./rows.ts";

const headings = [
  "case",
  "runtime",
  "threads",
  "peer",
  "ours ms",
  "p25–p75",
  "peer ms",
  "p25–p75",
  "ratio",
  "GFLOP/s",
  "peer's",
  "max diff",
  "",
];
const leftAligned = new Set([0, 1, 3]);

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

/** Why peers are missing: one line for each peer, runtime, number of threads and reason. */
export function skipped(skips: readonly Skip[]): string {
  const byReason = Map.groupBy(
    skips,
    ({ peer, runtime, threads, reason }) => `${peer}, ${runtime}, ${threads === 1 ? "1 thread" : `${threads} threads`}: ${reason}`,
  );
  return [...byReason].map(([reason, { length }]) => `  ${reason} (${length === 1 ? "1 case" : `${length} cases`})`).join("\n");
}

function cells({ row, agreement: { compared, agrees }, flops }: Result): string[] {
  const rate = (ms: number): string => (flops === undefined ? "" : (flops / ms / 1e6).toFixed(1));
  const spread = ([low, high]: readonly [number, number]): string => `${milliseconds(low)}–${milliseconds(high)}`;
  return [
    row.case,
    row.runtime,
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
    [agrees ? "" : "DIFFERS", row.disturbed ? "disturbed" : ""].filter(Boolean).join(", "),
  ];
}

/** Three digits or so. */
export const milliseconds = (ms: number): string => ms.toFixed(Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(ms)))));
