/** Numbers as lines, by Vega-Lite. */
import { parse, View } from "vega";
import { compile } from "vega-lite";

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly line: string;
}

export interface ChartOptions {
  readonly x: string;
  readonly y: string;
  /** Which axes are logarithmic. Default none. */
  readonly log?: "x" | "y" | "both" | undefined;
  /** Dashed lines: chance, what is expected. Default none. */
  readonly dashed?: readonly string[] | undefined;
}

export async function chart(points: readonly Point[], { x, y, log, dashed = [] }: ChartOptions): Promise<string> {
  const names = [...new Set(points.map(({ line }) => line))];
  const solid = names.filter((name) => !dashed.includes(name));
  const scale = (axis: "x" | "y") => (log === axis || log === "both" ? { type: "log" as const } : { zero: false });
  const { spec } = compile({
    width: 460,
    height: 230,
    data: { values: [...points] },
    layer: [
      { transform: [{ filter: { field: "line", oneOf: solid } }], mark: { type: "line", strokeWidth: 2, point: { size: 45 } } },
      { transform: [{ filter: { field: "line", oneOf: [...dashed] } }], mark: { type: "line", strokeWidth: 1.5, strokeDash: [5, 4] } },
    ],
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: x,
        scale: scale("x"),
        axis: { values: log === "x" || log === "both" ? ticks(points) : undefined },
      },
      y: { field: "y", type: "quantitative", title: y, scale: scale("y") },
      color: {
        field: "line",
        type: "nominal",
        title: null,
        scale: { domain: names, scheme: "tableau10" },
        legend: { orient: "top", labelLimit: 300 },
      },
    },
    config: { font: "system-ui, sans-serif", background: "#fbfaf8", view: { stroke: null }, axis: { gridColor: "#e6e2da" }, padding: 12 },
  });
  return `${await new View(parse(spec)).toSVG()}\n`;
}

/** All places, where they are few. */
function ticks(points: readonly Point[]): number[] | undefined {
  const places = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  return places.length <= 10 ? places : undefined;
}
