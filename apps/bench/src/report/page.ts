/** Rows as a page to read: pictures first, numbers below. */
import { costChart, costPoints, ratioChart } from "./charts.ts";
import { type Footprint, size, weighed, weighers } from "./footprint.ts";
import type { Row } from "./rows.ts";
import { milliseconds } from "./table.ts";

/** Where and when rows were measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly date: string;
}

/** What a suite is about; others go by their names alone. */
const titles: Readonly<Record<string, string>> = {
  matmul: "Matrix products",
  attention: "Attention",
  "layer-norm": "Layer normalisation",
  vit: "ViT",
  vision: "Swin, MAE and MLP-Mixer",
  "vision-claims": "What the vision papers say about cost",
  fft: "Fourier transforms",
  language: "BERT and MiniLM",
  "language-claims": "What FNet says about cost",
  clip: "CLIP",
  training: "Training",
  "cold-start": "From import to the first output",
};

const style = `
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fbfaf8; max-width: 980px; margin: 40px auto; padding: 0 20px; }
h1 { font-size: 30px; margin-bottom: 4px; } h2 { margin-top: 56px; font-size: 22px; }
p.about { color: #666; } figure { margin: 16px 0; overflow-x: auto; } figcaption { color: #666; font-size: 14px; }
table { border-collapse: collapse; font-size: 14px; width: 100%; } th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid #e7e5e1; white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; white-space: normal; } td.faster { color: #1a7f37; font-weight: 600; } td.slower { color: #9a6700; }
details { margin: 12px 0; } summary { cursor: pointer; color: #555; }`;

/** A page of its own, without scripts. */
export async function page(rows: readonly Row[], footprints: readonly Footprint[], { processor, cores, date }: Machine): Promise<string> {
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const suites = [...Map.groupBy(rows, ({ suite }) => suite)];
  const sections = await Promise.all(suites.map(([suite, its]) => section(titles[suite] ?? suite, its, peers)));
  const runtimes = [...new Set([...rows, ...footprints].map(({ runtime }) => runtime))].filter(Boolean).join(", ");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>@x beside the others</title>
<style>${style}</style>
<h1>@x beside the others</h1>
<p class="about">${escape(processor)}, ${cores} cores; ${escape(runtimes)}; ${escape(date)}. Outputs were compared before anything was timed; contenders took turns in one process (a fresh one each for the first output);
what is shown are medians. Points to the right of the dashed line: @x is faster.</p>
${sections.join("\n")}
${footprints.length > 0 ? footprintSection(footprints) : ""}
</html>
`;
}

async function section(title: string, rows: readonly Row[], peers: readonly string[]): Promise<string> {
  const runtimes = [...Map.groupBy(rows, ({ runtime }) => runtime)];
  const costs = runtimes.flatMap(([runtime, its]) => {
    const axes = Map.groupBy(costPoints(its), ({ axis }) => axis).values();
    const caption = runtimes.length > 1 ? `<figcaption>${escape(runtime)}</figcaption>` : "";
    return [...axes].map(async (points) => `<figure>${await costChart(points)}${caption}</figure>`);
  });
  const charts = [`<figure>${await ratioChart(rows, peers)}</figure>`, ...(await Promise.all(costs))];
  return `<h2>${escape(title)}</h2>\n${charts.join("\n")}\n<details><summary>The numbers</summary>${numbers(rows)}</details>`;
}

function footprintSection(footprints: readonly Footprint[]): string {
  const everybody = weighers(footprints);
  const cell = (bytes: number | undefined): string => `<td>${bytes === undefined ? "" : size(bytes)}</td>`;
  const lines = weighed(footprints).map(
    ({ what, measure, runtime, threads, bytes }) =>
      `<tr><td>${escape(what)}</td><td class="text">${escape(measure)}</td><td class="text">${escape(runtime)}</td><td>${threads || ""}</td>${everybody.map((who) => cell(bytes.get(who))).join("")}</tr>`,
  );
  return `<h2>Memory and download</h2>
<p class="about">Each in a fresh process: model from files, one run. A process's growth is its resident memory at its highest, less what it had before the library's import.</p>
<table><tr><th></th><th>measure</th><th>runtime</th><th>threads</th>${everybody.map((who) => `<th>${escape(who === "ours" ? "@x" : who)}</th>`).join("")}</tr>
${lines.join("\n")}</table>`;
}

function numbers(rows: readonly Row[]): string {
  const spread = ([low, high]: Row["oursSpread"]): string => `${milliseconds(low)}–${milliseconds(high)}`;
  const lines = rows.map(
    (
      row,
    ) => `<tr><td>${escape(row.case)}</td><td class="text">${escape(row.runtime)}</td><td>${row.threads}</td><td>${milliseconds(row.oursMs)}</td><td>${spread(row.oursSpread)}</td>
<td class="text">${escape(row.peer)}</td><td>${milliseconds(row.peerMs)}</td><td>${spread(row.peerSpread)}</td><td class="${row.ratio >= 1 ? "faster" : "slower"}">${row.ratio.toFixed(2)}</td><td>${row.maxAbsDiff.toExponential(1)}</td></tr>`,
  );
  return `<table><tr><th>case</th><th>runtime</th><th>threads</th><th>ours, ms</th><th>quartiles</th><th>peer</th><th>its ms</th><th>quartiles</th><th>ratio</th><th>largest difference</th></tr>
${lines.join("\n")}</table>`;
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
