/** Bytes, which the table of times has no place for. */
export interface Footprint {
  readonly measure: "download, gzip" | "tensors, most at once" | "process, growth at its highest";
  /** "ViT-B/16 forward" */
  readonly what: string;
  readonly who: string;
  /** "node 26.10.0"; empty for downloads. */
  readonly runtime: string;
  /** 0 for downloads. */
  readonly threads: number;
  readonly bytes: number;
}

/** What is compared with each other: same measure, work, runtime and threads. */
export interface Weighed extends Omit<Footprint, "who" | "bytes"> {
  readonly bytes: ReadonlyMap<string, number>;
}

/** One line for each thing that was weighed, with everybody's bytes. */
export function weighed(footprints: readonly Footprint[]): Weighed[] {
  const lines = Map.groupBy(footprints, ({ measure, what, runtime, threads }) => JSON.stringify([what, measure, runtime, threads]));
  return [...lines.values()].map((its) => {
    const { who: _, bytes: __, ...first } = its[0] as Footprint;
    return { ...first, bytes: new Map(its.map(({ who, bytes }) => [who, bytes])) };
  });
}

/** "14.2 MB", "101 kB": powers of ten, three digits. */
export function size(bytes: number): string {
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  const value = bytes / unit;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${name}`;
}

/** Everybody who was weighed, ours first. */
export const weighers = (footprints: readonly Footprint[]): string[] => [...new Set(["ours", ...footprints.map(({ who }) => who)])];

/** As a Markdown table: a line a thing, a column for everybody. */
export function footprintMarkdown(footprints: readonly Footprint[]): string {
  const everybody = weighers(footprints);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(["", "", "runtime", "threads", ...everybody.map((who) => (who === "ours" ? "@x" : who))]),
    line(["---", "---", "---", "--:", ...everybody.map(() => "--:")]),
    ...weighed(footprints).map(({ what, measure, runtime, threads, bytes }) =>
      line([what, measure, runtime, threads === 0 ? "" : String(threads), ...everybody.map((who) => cell(bytes.get(who)))]),
    ),
    "",
  ].join("\n");
}

const cell = (bytes: number | undefined): string => (bytes === undefined ? "" : size(bytes));
