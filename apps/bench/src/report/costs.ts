/** Time against size. */
import type { Row } from "./rows.ts";

/** A point of a line in a plot. */
export interface CostPoint {
  readonly title: string;
  readonly axis: string;
  readonly line: string;
  readonly size: number;
  readonly ms: number;
}

/** A plot: lines over one axis. */
export interface CostPlot {
  readonly title: string;
  readonly axis: string;
  readonly points: readonly CostPoint[];
}

/** The plots that rows with places on axes of sizes make; rows are of one runtime and one number of threads. Only those where sizes differ. */
export function costPlots(rows: readonly Row[]): CostPlot[] {
  return plotsOf(
    rows.flatMap(({ costs = [], oursMs, peer, peerMs }) =>
      costs.flatMap(({ title, axis, size, of }) => [
        { title, axis, size, line: of, ms: oursMs },
        { title, axis, size, line: peer.replace(/^self /, ""), ms: peerMs },
      ]),
    ),
  );
}

/** Time against the number of threads, a line for each case; rows are of one runtime. */
export function threadPlots(title: string, rows: readonly Row[]): CostPlot[] {
  return plotsOf(rows.map(({ case: line, threads, oursMs }) => ({ title, axis: "threads", size: threads, line, ms: oursMs })));
}

/** Lines with a single size aren't drawn, nor plots without lines. */
function plotsOf(points: readonly CostPoint[]): CostPlot[] {
  const distinct = new Map(points.map((point) => [JSON.stringify([point.title, point.axis, point.line, point.size]), point]));
  const lines = Map.groupBy(distinct.values(), ({ title, axis, line }) => JSON.stringify([title, axis, line])).values();
  const drawn = [...lines].filter((its) => its.length > 1).flat();
  return [...Map.groupBy(drawn, ({ title, axis }) => JSON.stringify([title, axis])).values()].map((its) => ({
    title: its[0]?.title ?? "",
    axis: its[0]?.axis ?? "",
    points: its,
  }));
}

/** Exponent e of ms ∝ sizeᵉ, by least squares on logarithms. */
export function exponent(points: readonly Pick<CostPoint, "size" | "ms">[]): number {
  const logs = points.map(({ size, ms }) => [Math.log(size), Math.log(ms)] as const);
  const mean = (of: 0 | 1): number => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const slope = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return slope / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}
