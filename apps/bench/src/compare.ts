/** Two stored runs side by side. Times shift with the machine, ratios to a peer of the same run hardly do: those are compared. */
import type { Measurement } from "./report/rows.ts";

export interface Change {
  readonly case: string;
  readonly runtime: string;
  readonly threads: number;
  readonly peer: string;
  readonly before: number;
  readonly after: number;
  /** after ÷ before, of the ratios: below 1, we became slower. */
  readonly factor: number;
}

export interface Comparison {
  readonly changes: readonly Change[];
  /** Changes below 1 − threshold, the worst first. */
  readonly regressions: readonly Change[];
  /** Cases that only one of the runs has, of the suites, runtimes and threads that the second was about. */
  readonly unmatched: readonly string[];
}

/** @param threshold what share of the ratio may be lost; 0.1 leaves room for noise */
export function compareRuns(before: readonly Measurement[], after: readonly Measurement[], threshold: number): Comparison {
  const [old, fresh] = [before, after].map((rows) => new Map(rows.map((row) => [keyOf(row), row]))) as [
    Map<string, Measurement>,
    Map<string, Measurement>,
  ];
  const changes = [...old].flatMap(([key, row]) => {
    const now = fresh.get(key);
    if (!now) return [];
    const { case: name, runtime, threads, peer } = row;
    return [{ case: name, runtime, threads, peer, before: row.ratio, after: now.ratio, factor: now.ratio / row.ratio }];
  });
  const regressions = changes.filter(({ factor }) => !(factor >= 1 - threshold)).sort((a, b) => a.factor - b.factor);
  const ran = new Set(after.map(groupOf));
  const gone = [...old].filter(([key, row]) => !fresh.has(key) && ran.has(groupOf(row))).map(([key]) => key);
  const unmatched = [...gone, ...[...fresh.keys()].filter((key) => !old.has(key))];
  return { changes, regressions, unmatched };
}

/** Versions of a runtime may differ: "node 26.10.0" and "node 27.1.0" are compared. */
const keyOf = ({ case: name, runtime, threads, peer }: Measurement): string =>
  `${name}, ${runtime.split(" ")[0]}, threads ${threads}, ${peer}`;

const groupOf = ({ suite, runtime, threads }: Measurement): string => JSON.stringify([suite, runtime.split(" ")[0], threads]);

/** What to print. */
export function comparisonText({ changes, regressions, unmatched }: Comparison, threshold: number): string {
  const line = (change: Change): string =>
    `  ${change.case}, ${change.runtime}, threads ${change.threads}, ${change.peer}: ${change.before.toFixed(2)} → ${change.after.toFixed(2)} (${change.factor.toFixed(2)})`;
  const share = `${(100 * threshold).toFixed(0)} %`;
  return [
    `${changes.length} comparisons are in both runs; ratios fell by more than ${share} in ${regressions.length}.`,
    ...regressions.map(line),
    ...(unmatched.length > 0 ? [`In one run only:`, ...unmatched.map((key) => `  ${key}`)] : []),
  ].join("\n");
}
