/** Rows as pictures. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Row } from "./rows.ts";

const FONT = "system-ui, sans-serif";
const config = {
  font: FONT,
  background: "transparent",
  axis: { labelLimit: 360, grid: true, gridColor: "#e7e5e1" },
  view: { stroke: null },
};

/** How many times as fast we are as each peer, case by case; a column for each number of threads, a row of plots for each runtime when there are several. An SVG. @param peers of the whole page: each keeps its colour */
export function ratioChart(rows: readonly Row[], peers: readonly string[]): Promise<string> {
  const shown = peers.filter((peer) => rows.some((row) => row.peer === peer));
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  const values = rows.map((row) => ({ ...row, threads: row.threads === 1 ? "1 thread" : `${row.threads} threads` }));
  return svg({
    data: { values },
    facet: {
      column: { field: "threads", title: null, sort: null },
      ...(runtimes.length > 1 && {
        row: {
          field: "runtime",
          title: null,
          sort: runtimes,
          header: { labelOrient: "top", labelAnchor: "start", labelAngle: 0, labelFontWeight: "bold" },
        },
      }),
    },
    spec: {
      width: 300,
      height: { step: 22 },
      layer: [
        {
          data: { values: [{ one: 1 }] },
          mark: { type: "rule", color: "#666", strokeDash: [4, 3] },
          encoding: { x: { field: "one", type: "quantitative" } },
        },
        {
          mark: { type: "point", filled: true, size: 90, opacity: 0.9 },
          encoding: {
            x: { field: "ratio", type: "quantitative", scale: { type: "log", base: 2 }, title: "their time ÷ ours" },
            y: { field: "case", type: "nominal", sort: null, title: null, axis: { labelLimit: 400 } },
            color: {
              field: "peer",
              type: "nominal",
              title: null,
              scale: { domain: [...peers], scheme: "tableau10" },
              legend: { orient: "top", values: shown },
            },
            shape: { field: "peer", type: "nominal", title: null, scale: { domain: [...peers] } },
          },
        },
      ],
    },
    config,
  });
}

/** A point of a line in a plot of time against size. */
export interface CostPoint {
  readonly line: string;
  readonly axis: string;
  readonly size: number;
  readonly ms: number;
}

/** The lines that rows with a place on an axis of sizes make: ours, and the peers'. */
export function costPoints(rows: readonly Row[]): CostPoint[] {
  const points = rows.flatMap(({ cost, oursMs, peer, peerMs }) =>
    cost
      ? [
          { line: cost.of, axis: cost.axis, size: cost.size, ms: oursMs },
          { line: peer.replace(/^self /, ""), axis: cost.axis, size: cost.size, ms: peerMs },
        ]
      : [],
  );
  return [...new Map(points.map((point) => [JSON.stringify([point.line, point.axis, point.size]), point])).values()];
}

/** Exponent e of ms ∝ sizeᵉ, by least squares on logarithms. */
export function exponent(points: readonly Pick<CostPoint, "size" | "ms">[]): number {
  const logs = points.map(({ size, ms }) => [Math.log(size), Math.log(ms)] as const);
  const mean = (of: 0 | 1): number => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const slope = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return slope / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** Time against size, both logarithmic, a line for each model. An SVG. */
export function costChart(points: readonly CostPoint[]): Promise<string> {
  const lines = [...Map.groupBy(points, ({ line }) => line)];
  const named = new Map(lines.map(([line, its]) => [line, its.length > 1 ? `${line} ∝ size^${exponent(its).toFixed(2)}` : line]));
  return svg({
    width: 420,
    height: 260,
    data: { values: points.map((point) => ({ ...point, line: named.get(point.line) })) },
    mark: { type: "line", point: { size: 60 } },
    encoding: {
      x: {
        field: "size",
        type: "quantitative",
        scale: { type: "log", nice: false },
        title: points[0]?.axis ?? "size",
        axis: { values: points.map(({ size }) => size) },
      },
      y: { field: "ms", type: "quantitative", scale: { type: "log" }, title: "ms" },
      color: { field: "line", type: "nominal", title: null, scale: { scheme: "tableau10" }, legend: { orient: "top", labelLimit: 300 } },
    },
    config,
  });
}

async function svg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
