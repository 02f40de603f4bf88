/** Everything that was measured, in the order in which a stranger would want to know it. */
import { runtimeTitle } from "../runtimes/names.ts";
import { barsTable } from "./bars.ts";
import { type Block, type Figure, heading, text } from "./blocks.ts";
import { baselineTable, libraryTable, numbersTable } from "./case-tables.ts";
import { costChart, ratioChart } from "./charts.ts";
import { type Claim, claims } from "./claims.ts";
import { costPlots, type CostPlot, threadPlots } from "./costs.ts";
import { claimSuites, families, type Family } from "./families.ts";
import { type Footprint, footprintTable } from "./footprint.ts";
import { acrossRows, acrossTable, mainRuntime, modelRows, overviewTable } from "./overview.ts";
import { inOrder } from "./order.ts";
import type { Origin, Row } from "./rows.ts";

export const title = "@x beside the others";

/** @param given rows; they may be few: sections that have none are left out */
export async function report(given: readonly Row[], footprints: readonly Footprint[]): Promise<Block[]> {
  const rows = inOrder(given);
  const runtime = mainRuntime(rows);
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const known = new Set([...families.flatMap(({ suites }) => suites), ...claimSuites]);
  const others = [...new Set(rows.map(({ suite }) => suite))].filter((suite) => !known.has(suite));
  const shown: readonly Family[] = [...families, ...others.map((suite) => ({ name: suite, title: suite, about: "", suites: [suite] }))];
  const sections = await Promise.all([
    ...shown.map((family) => familySection(family, rows, peers)),
    ...claims.map((claim) => claimSection(claim, rows)),
  ]);
  const [familyBlocks, claimBlocks] = [sections.slice(0, shown.length).flat(), sections.slice(shown.length).flat()];
  return [
    ...introduction(rows, footprints),
    ...titled(2, "In short", [
      text(
        `One forward pass with one thread${runtime === undefined ? "" : `, ${runtimeTitle(runtime)}`}, random weights; a start, and a download.`,
      ),
      overviewTable(rows, footprints),
    ]),
    ...familyBlocks,
    ...(await runtimesSection(rows)),
    ...(await threadsSection(rows, runtime)),
    ...titled(2, "Memory and download", [
      text(
        "Each in a fresh process: model from files, one run. Process: resident memory at its highest, less what it had before the library's import; pages can't know theirs.",
        "Tensors: most bytes of our own at once. Download: scripts, bundled and minified, and WebAssembly; no weights.",
      ),
      footprintTable(footprints),
    ]),
    ...(claimBlocks.length > 0
      ? [
          heading(2, "What the papers say about cost"),
          text("Our own models on both sides: nothing here compares with another library."),
          ...claimBlocks,
        ]
      : []),
    heading(2, "Bars"),
    text("What we want to reach, on two cores of a Zen 4 processor. Where several cases count, the least is shown first."),
    barsTable({ rows, footprints }),
  ];
}

function introduction(rows: readonly Row[], footprints: readonly Footprint[]): Block[] {
  const origins: readonly Origin[] = [...rows, ...footprints];
  const machines = [...new Set(origins.map(({ machine }) => machine))].join("; ");
  const dates = [...new Set(origins.map(({ date }) => date))].sort();
  const when = dates.length > 1 ? `${dates[0]} to ${dates.at(-1)}` : (dates[0] ?? "");
  const runtimes = [...new Set(rows.map(({ runtime }) => runtimeTitle(runtime)))].join(", ");
  const versions = [...new Set(rows.flatMap(({ peer, peerVersion }) => (peerVersion ? [`${peer} ${peerVersion}`] : [])))].join(", ");
  return [
    text(`Measured on ${machines}; ${when}. Runtimes: ${runtimes}.${versions && ` Libraries: ${versions}.`}`),
    text(
      "Outputs were compared before anything was timed. Contenders then took turns in one process; times are medians, in ms.",
      "**Ratios are their time ÷ ours: above 1, ours is faster.** In tables a ratio stands before the other's time: `1.82× (851)`.",
      "onnxruntime-node and transformers.js run native code with the processor's widest vectors; everybody else runs WebAssembly, whose vectors have 128 bits; in Node wide, pairs of them are made 256, for everybody.",
    ),
  ];
}

/** A heading over blocks, if a table among them says something. */
function titled(level: 2 | 3, words: string, blocks: readonly Block[]): Block[] {
  const some = blocks.filter((block) => block.kind !== "table" || block.lines.length > 0);
  return some.some(({ kind }) => kind === "table") ? [heading(level, words), ...some] : [];
}

/** Beside other libraries; and, folded if there are any, beside ourselves. */
function tables(rows: readonly Row[]): Block[] {
  const [libraries, baselines] = [libraryTable(rows), baselineTable(rows)];
  if (baselines.lines.length === 0) return [libraries];
  if (libraries.lines.length === 0) return [baselines];
  return [libraries, { kind: "fold", summary: "Beside ourselves and what the machine can do", blocks: [baselines] }];
}

async function familySection(
  { name, title: words, about, suites }: Family,
  all: readonly Row[],
  peers: readonly string[],
): Promise<Block[]> {
  const rows = all.filter(({ suite }) => suites.includes(suite));
  const runtime = mainRuntime(rows);
  if (runtime === undefined) return [];
  const here = rows.filter((row) => row.runtime === runtime);
  const charted = here.filter(({ peer }) => !parts.has(peer));
  const elsewhere = [
    ...Map.groupBy(
      rows.filter((row) => row.runtime !== runtime),
      (row) => row.runtime,
    ),
  ];
  const costs = [...Map.groupBy(here, ({ threads }) => threads).values()][0] ?? [];
  return [
    heading(2, words),
    ...(about ? [text(about)] : []),
    ...(await ratioFigures(`${name}-ratios`, `${words}: how many times as fast`, charted, "peer", peers)),
    ...tables(here),
    ...(await costFigures(name, costPlots(costs))),
    ...elsewhere.map(([other, its]): Block => ({
      kind: "fold",
      summary: runtimeTitle(other),
      blocks: tables(its),
    })),
    { kind: "fold", summary: "Every figure, with quartiles and differences of outputs", blocks: [numbersTable(rows)] },
  ];
}

/** Not rivals, but parts of what they stand beside: a forward pass of a training step, a kernel of its launch. */
const parts: ReadonlySet<string> = new Set(["self forward", "self alone"]);

async function claimSection({ name, title: words, says, measures }: Claim, all: readonly Row[]): Promise<Block[]> {
  const rows = all.filter((row) => claimSuites.includes(row.suite) && measures(row));
  const runs = [...Map.groupBy(rows, ({ runtime, threads }) => JSON.stringify([runtime, threads])).values()];
  return titled(3, words, [text(says), ...(await costFigures(name, costPlots(runs.at(-1) ?? []))), baselineTable(rows)]);
}

/** The same models in every runtime. */
async function runtimesSection(rows: readonly Row[]): Promise<Block[]> {
  const across = acrossRows(rows);
  const runtimes = [...new Set(across.map(({ runtime }) => runtime))];
  if (runtimes.length < 2) return [];
  const threads = [...new Set(across.map((row) => row.threads))].sort((a, b) => a - b);
  return [
    heading(2, "Across runtimes"),
    text(
      "Our time, and how many times that onnxruntime-web needs in the same runtime. Node 20 has no relaxed SIMD, Bun's isn't fused, and Deno checks bounds.",
    ),
    ...(await ratioFigures(
      "runtimes",
      "How many times as fast as onnxruntime-web, by runtime",
      across,
      "runtime",
      runtimes.map(runtimeTitle),
    )),
    ...threads.flatMap((count): Block[] => [text(count === 1 ? "One thread:" : `${count} threads:`), acrossTable(rows, count)]),
  ];
}

async function threadsSection(rows: readonly Row[], runtime: string | undefined): Promise<Block[]> {
  const figures = await costFigures("threads", threadPlots("Our time by number of threads", modelRows(rows, runtime)));
  if (figures.length === 0) return [];
  return [
    heading(2, "Threads"),
    text(`${runtimeTitle(runtime ?? "")}. Twice as fast with twice the threads is an exponent of −1.`),
    ...figures,
  ];
}

async function ratioFigures(
  name: string,
  alt: string,
  rows: readonly Row[],
  by: "peer" | "runtime",
  all: readonly string[],
): Promise<Block[]> {
  return rows.length === 0 ? [] : [{ kind: "figures", figures: [{ name, alt, svg: await ratioChart(rows, by, all) }] }];
}

async function costFigures(name: string, plots: readonly CostPlot[]): Promise<Block[]> {
  if (plots.length === 0) return [];
  const figures = plots.map(async ({ title: words, axis, points }, index): Promise<Figure> => ({
    name: `${name}-cost-${index + 1}`,
    alt: `${words}: time against ${axis}`,
    svg: await costChart(words, points),
  }));
  return [{ kind: "figures", figures: await Promise.all(figures) }];
}
