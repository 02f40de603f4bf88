import type { Simd } from "@x/core-wasm";
import { runtimeTitle } from "../runtimes/names.ts";
import { numbers, type Table, words } from "./blocks.ts";
import type { Origin } from "./rows.ts";

/** Bytes, which the table of times has no place for. */
export interface Weight {
  readonly measure: "download, gzip" | "tensors, most at once" | "process, growth at its highest";
  /** "ViT-B/16 forward" */
  readonly what: string;
  readonly who: string;
  /** "node 26.10.0"; empty for downloads. */
  readonly runtime: string;
  /** 0 for downloads. */
  readonly threads: number;
  /** How our kernels ran, where ours was weighed. */
  readonly simd?: Simd | undefined;
  readonly bytes: number;
}

/** Bytes as they are stored. */
export interface Footprint extends Weight, Origin {}

/** What is compared with each other: same measure, work, runtime and threads. */
interface Weighed extends Omit<Weight, "who" | "bytes"> {
  readonly bytes: ReadonlyMap<string, number>;
}

/** One line for each thing that was weighed, with everybody's bytes. */
function weighed(footprints: readonly Weight[]): Weighed[] {
  const lines = Map.groupBy(footprints, ({ measure, what, runtime, threads }) => JSON.stringify([what, measure, runtime, threads]));
  return [...lines.values()].map((its) => {
    const { who: _, bytes: __, ...first } = its[0] as Weight;
    return { ...first, bytes: new Map(its.map(({ who, bytes }) => [who, bytes])) };
  });
}

/** "14.2 MB", "101 kB": powers of ten, three digits. */
export function size(bytes: number): string {
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  const value = bytes / unit;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${name}`;
}

/** A line a thing, a column for everybody, ours first. */
export function footprintTable(footprints: readonly Weight[]): Table {
  const everybody = [...new Set(["ours", ...footprints.map(({ who }) => who)])];
  return {
    kind: "table",
    columns: [
      words(""),
      words(""),
      words("runtime"),
      ...["threads", ...everybody.map((who) => (who === "ours" ? "@x" : who))].map(numbers),
    ],
    lines: weighed(footprints).map(({ what, measure, runtime, threads, bytes }) => [
      what,
      measure,
      runtimeTitle(runtime),
      threads === 0 ? "" : String(threads),
      ...everybody.map((who) => bytes.get(who)).map((its) => (its === undefined ? "" : size(its))),
    ]),
  };
}
