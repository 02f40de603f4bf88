/** Rows as a page to read: pictures first, numbers below. */
import { costChart, costPoints, ratioChart } from "./charts.ts";
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
export async function page(rows: readonly Row[], { processor, cores, date }: Machine): Promise<string> {
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const suites = [...Map.groupBy(rows, ({ suite }) => suite)];
  const sections = await Promise.all(suites.map(([suite, its]) => section(titles[suite] ?? suite, its, peers)));
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))].join(", ");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>@x beside the others</title>
<style>${style}</style>
<h1>@x beside the others</h1>
<p class="about">${escape(processor)}, ${cores} cores; ${escape(runtimes)}; ${escape(date)}. Outputs were compared before anything was timed; contenders took turns in one process;
what is shown are medians. Points to the right of the dashed line: @x is faster.</p>
${sections.join("\n")}
</html>
`;
}

async function section(title: string, rows: readonly Row[], peers: readonly string[]): Promise<string> {
  const points = costPoints(rows);
  const axes = [...Map.groupBy(points, ({ axis }) => axis).values()];
  const costs = await Promise.all(axes.map((its) => costChart(its)));
  const charts = [await ratioChart(rows, peers), ...costs].map((svg) => `<figure>${svg}</figure>`);
  return `<h2>${escape(title)}</h2>\n${charts.join("\n")}\n<details><summary>The numbers</summary>${numbers(rows)}</details>`;
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
