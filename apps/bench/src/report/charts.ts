/** Rows as pictures: SVG, readable on light and on dark ground. */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { runtimeTitle } from "../runtimes/names.ts";
import { type CostPoint, exponent } from "./costs.ts";
import type { Row } from "./rows.ts";

const config = {
  font: "system-ui, sans-serif",
  background: "transparent",
  axis: { labelLimit: 360, grid: true, gridColor: "#e3e0da" },
  view: { stroke: null },
};
const legend = { orient: "top", columns: 3, labelLimit: 320, symbolSize: 80 } as const;

const threadsTitle = (threads: number): string => (threads === 1 ? "1 thread" : `${threads} threads`);

/**
 * How many times as fast we are, case by case: a column for each number of threads, a colour for each peer or runtime.
 * @param all values of `by`, in the whole report: each keeps its colour
 */
export function ratioChart(rows: readonly Row[], by: "peer" | "runtime", all: readonly string[]): Promise<string> {
  const name = (row: Row): string => (by === "peer" ? row.peer : runtimeTitle(row.runtime));
  const values = rows.map((row) => ({ case: row.case, ratio: row.ratio, threads: threadsTitle(row.threads), by: name(row) }));
  const shown = all.filter((one) => values.some((value) => value.by === one));
  return svg({
    data: { values },
    facet: { column: { field: "threads", title: null, sort: null } },
    spec: {
      width: 290,
      height: { step: 20 },
      layer: [
        {
          data: { values: [{ one: 1 }] }, // a dashed line where both are as fast
          mark: { type: "rule", color: "#888", strokeDash: [4, 3] },
          encoding: { x: { field: "one", type: "quantitative" } },
        },
        {
          mark: { type: "point", filled: true, size: 80, opacity: 0.9 },
          encoding: {
            x: { field: "ratio", type: "quantitative", scale: { type: "log", base: 2 }, title: "their time ÷ ours" },
            y: { field: "case", type: "nominal", sort: null, title: null, axis: { labelLimit: 600 } },
            color: {
              field: "by",
              type: "nominal",
              title: null,
              scale: { domain: [...all], scheme: "tableau10" },
              legend: { ...legend, values: shown },
            },
            shape: { field: "by", type: "nominal", title: null, scale: { domain: [...all] } },
          },
        },
      ],
    },
    config,
  });
}

/** Time against size, both logarithmic: a line for each model or library, with the exponent of its growth. */
export function costChart(title: string, points: readonly CostPoint[]): Promise<string> {
  const axis = points[0]?.axis ?? "size";
  const lines = [...Map.groupBy(points, ({ line }) => line)];
  const named = new Map(
    lines.map(([line, its]) => [
      line,
      its.length > 1 ? `${line} ∝ ${axis.split(",")[0]}^${exponent(its).toFixed(2).replace("-", "−")}` : line,
    ]),
  );
  return svg({
    title: { text: title, anchor: "start", fontSize: 13 },
    width: 400,
    height: 220,
    data: { values: points.map((point) => ({ ...point, line: named.get(point.line) })) },
    mark: { type: "line", point: { size: 50 } },
    encoding: {
      x: {
        field: "size",
        type: "quantitative",
        scale: { type: "log", nice: false },
        title: axis,
        axis: { values: [...new Set(points.map(({ size }) => size))], labelOverlap: true, format: "d" },
      },
      y: { field: "ms", type: "quantitative", scale: { type: "log" }, title: "ms" },
      color: { field: "line", type: "nominal", sort: null, title: null, scale: { scheme: "tableau10" }, legend: { ...legend, columns: 1 } },
    },
    config,
  });
}

const darkStyle =
  "<style>@media (prefers-color-scheme:dark){text{fill:#dedad3}.role-axis-grid line{stroke:#3a3835}.role-axis-domain line,.role-axis-tick line{stroke:#9c978e}}</style>";

async function svg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return slim(await view.toSVG()).replace(/<svg[^>]*>/, (tag) => tag + darkStyle);
  } finally {
    view.finalize();
  }
}

/** Without descriptions of every point, defaults, and paths that draw nothing; with two digits after the point, and one font for all. */
const slim = (drawing: string): string =>
  drawing
    .replaceAll(/<path [^>]*d="(?:M0,0h0v0h0Z)?"[^>]*>/g, "")
    .replaceAll(/<[^>]+>/g, (tag) =>
      tag
        .replaceAll(/ (?:aria-[a-z]+|role|stroke-miterlimit|pointer-events|font-family)="[^"]*"/g, "")
        .replaceAll(/ (?:opacity|stroke-width)="1"/g, "")
        .replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
    )
    .replace("<svg ", `<svg font-family="${config.font}" `);
