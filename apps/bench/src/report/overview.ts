/** The rows that a reader wants first. */
import { runtimeTitle } from "../runtimes/names.ts";
import { type Cell, numbers, type Table, words } from "./blocks.ts";
import { against, ratioText } from "./case-tables.ts";
import { type Footprint, size } from "./footprint.ts";
import type { Row } from "./rows.ts";
import { milliseconds } from "./table.ts";

/** A model of each family, by case. */
const models: readonly (readonly [title: string, name: string])[] = [
  ["BERT-Base, 128 tokens", "BERT-Base, 1 × 128 tokens"],
  ["MiniLM's shape, 16 tokens", "MiniLM, 1 × 16 tokens"],
  ["ViT-B/16", "ViT-B/16, batch 1"],
  ["Swin-T", "Swin-T, 224 px, batch 1"],
  ["Mixer-B/16", "Mixer-B/16, 224 px, batch 1"],
  ["CLIP ViT-B/32, image tower", "CLIP ViT-B/32 image tower"],
];

const peers = ["onnxruntime-web", "tfjs-wasm", "onnxruntime-node"] as const;

/** The latest Node, or where else something was measured. */
export const mainRuntime = (rows: readonly Row[]): string | undefined =>
  (rows.find(({ runtime }) => runtime.startsWith("node ")) ?? rows[0])?.runtime;

/** One thread in the latest Node: a forward pass of a model of each family, the first output after an import, and a page's download. */
export function overviewTable(rows: readonly Row[], footprints: readonly Footprint[]): Table {
  const runtime = mainRuntime(rows);
  const here = rows.filter((row) => row.runtime === runtime && row.threads === 1);
  const line = (title: string, its: readonly Row[]): Cell[][] => {
    const [first] = its;
    if (!first) return [];
    const cells = peers.map((name) => its.find(({ peer }) => peer === name)).map((row) => (row ? against(row) : ""));
    return [[title, milliseconds(first.oursMs), ...cells]];
  };
  const downloads = new Map(footprints.filter(({ what }) => what === "a page that runs a ViT").map(({ who, bytes }) => [who, bytes]));
  const ours = downloads.get("ours");
  const download = (name: string): string => {
    const bytes = downloads.get(name);
    return ours === undefined || bytes === undefined ? "" : `${ratioText(bytes / ours)}× (${size(bytes)})`;
  };
  return {
    kind: "table",
    columns: [words(""), ...["@x", ...peers.map((peer) => (peer === "onnxruntime-node" ? `${peer}, native` : peer))].map(numbers)],
    lines: [
      ...models.flatMap(([title, name]) =>
        line(
          `${title}, ms`,
          here.filter((row) => row.case === name),
        ),
      ),
      ...line(
        "a small ViT from files, import to first output, ms",
        here.filter(({ suite }) => suite === "cold-start"),
      ),
      ...(ours === undefined ? [] : [["download of a page that runs a ViT", size(ours), ...peers.map(download)]]),
    ],
  };
}

/** The same models everywhere: our time, and how many times that onnxruntime-web needs; a column a runtime. */
export function acrossTable(rows: readonly Row[], threads: number): Table {
  const here = acrossRows(rows).filter((row) => row.threads === threads);
  const runtimes = [...new Set(here.map(({ runtime }) => runtime))];
  return {
    kind: "table",
    columns: [words(""), ...runtimes.map((runtime) => numbers(runtimeTitle(runtime)))],
    lines: models.flatMap(([title, name]) => {
      const its = here.filter((row) => row.case === name);
      if (its.length === 0) return [];
      return [[title, ...runtimes.map((runtime) => acrossCell(its.find((row) => row.runtime === runtime)))]];
    }),
  };
}

const acrossCell = (row: Row | undefined): Cell =>
  row ? { text: `${milliseconds(row.oursMs)} ms, ${ratioText(row.ratio)}×`, tone: row.ratio >= 1 ? "good" : "poor" } : "";

/** The models beside onnxruntime-web. */
export function acrossRows(rows: readonly Row[]): Row[] {
  const names = models.map(([, name]) => name);
  return rows
    .filter((row) => row.peer === "onnxruntime-web" && names.includes(row.case))
    .toSorted((a, b) => names.indexOf(a.case) - names.indexOf(b.case));
}

/** The same models in one runtime, once each and for each number of threads. */
export function modelRows(rows: readonly Row[], runtime: string | undefined): Row[] {
  const its = rows.filter((row) => row.runtime === runtime && models.some(([, name]) => name === row.case));
  return [...new Map(its.map((row) => [JSON.stringify([row.case, row.threads]), row])).values()];
}
