import { expect, test } from "vitest";
import { compareRuns, comparisonText } from "../src/compare.ts";
import { parseCompare, parseReport, UsageError } from "../src/options.ts";
import type { Block } from "../src/report/blocks.ts";
import { libraryTable } from "../src/report/case-tables.ts";
import { costPlots, exponent, threadPlots } from "../src/report/costs.ts";
import { footprintTable, size } from "../src/report/footprint.ts";
import { html } from "../src/report/html.ts";
import { markdown, tableMarkdown } from "../src/report/markdown.ts";
import { report } from "../src/report/report.ts";
import { footprint, row } from "./rows.ts";

test("a fall of the ratio is a regression, a change of the machine's speed isn't", () => {
  const before = [row({}), row({ case: "b", ratio: 2 }), row({ case: "gone" }), row({ case: "not run this time", threads: 2 })];
  const after = [row({ oursMs: 30, peerMs: 54 }), row({ case: "b", ratio: 1.7, runtime: "node 27.0.0" }), row({ case: "new" })];
  const comparison = compareRuns(before, after, 0.1);
  expect(comparison.changes).toHaveLength(2);
  expect(comparison.regressions).toMatchObject([{ case: "b", before: 2, after: 1.7, factor: 0.85 }]);
  expect(comparison.unmatched).toEqual(["gone, node, threads 1, onnxruntime-web", "new, node, threads 1, onnxruntime-web"]);
  expect(comparisonText(comparison, 0.1)).toContain("b, node 26.10.0, threads 1, onnxruntime-web: 2.00 → 1.70 (0.85)");
  expect(compareRuns(before, after, 0.2).regressions).toEqual([]);
  expect(compareRuns([row({})], [row({ ratio: Number.NaN })], 0.1).regressions).toHaveLength(1);
});

test("the exponent of a power law is found", () => {
  expect(exponent([1, 2, 5, 9].map((n) => ({ size: n, ms: 3 * n ** 1.7 })))).toBeCloseTo(1.7, 9);
});

test("rows at several sizes make a plot with a line for us and one for the peer; a single size makes none", () => {
  const [tokens, batch] = [
    { title: "FNet, batch 1", axis: "tokens", of: "FNet" },
    { title: "FNet, 128 tokens", axis: "batch", of: "FNet", size: 1 },
  ];
  const sized = [128, 512].map((n) => row({ costs: [{ ...tokens, size: n }, batch], peer: "self BERT", oursMs: n, peerMs: 2 * n }));
  const [plot, ...others] = costPlots([...sized, row({})]);
  expect(others).toEqual([]);
  expect(plot).toMatchObject({ title: "FNet, batch 1", axis: "tokens" });
  expect(plot?.points.map(({ line, size: n, ms }) => [line, n, ms])).toEqual([
    ["FNet", 128, 128],
    ["FNet", 512, 512],
    ["BERT", 128, 256],
    ["BERT", 512, 1024],
  ]);
  expect(costPlots(sized.slice(0, 1))).toEqual([]);
  expect(threadPlots("", [row({}), row({ threads: 2 })])[0]?.points.map(({ size: n }) => n)).toEqual([1, 2]);
});

test("a table has a line for each case and a column for each library", () => {
  const rows = [row({}), row({ peer: "tfjs-wasm", ratio: 25 }), row({ case: "b" }), row({ peer: "roofline" })];
  expect(tableMarkdown(libraryTable(rows)).split("\n")).toEqual([
    "|  | runtime | threads | @x, ms | onnxruntime-web | tfjs-wasm |",
    "| --- | --- | --: | --: | --: | --: |",
    "| a <b> | Node\u00a026.10.0 | 1 | 10.0 | 1.80× (18.0) | 25.0× (18.0) |",
    "| b | Node\u00a026.10.0 | 1 | 10.0 | 1.80× (18.0) |  |",
  ]);
});

const textsOf = (blocks: readonly Block[]): string[] => blocks.flatMap((block) => ("text" in block ? [block.text] : []));

test("a report says where and when, leaves out what wasn't measured, and has the papers' claims beside what was", async () => {
  const costs = (n: number) => [{ title: "A step", axis: "tokens", size: n, of: "FNet-Base" }];
  const claims = [128, 512].map((n) =>
    row({ suite: "language-claims", case: `FNet, ${n}`, peer: "self BERT-Base", costs: costs(n), oursMs: n }),
  );
  const blocks = await report([row({}), row({ runtime: "deno 2.9.6" }), ...claims], [footprint({})]);
  const texts = textsOf(blocks);
  expect(texts[0]).toBe(
    "Measured on A Processor, 2 cores; 2026-01-01. Runtimes: Node\u00a026.10.0, Deno\u00a02.9.6. Libraries: onnxruntime-web 1.30.0.",
  );
  expect(texts).toContain("Kernels");
  expect(texts).toContain("FNet: a Fourier transform in place of attention");
  expect(texts).toContain("Memory and download");
  for (const absent of ["Vision", "Across runtimes", "Threads", "MAE: the encoder sees a quarter of the patches"]) {
    expect(texts).not.toContain(absent);
  }
  expect(blocks.flatMap((block) => (block.kind === "figures" ? block.figures.map(({ name }) => name) : []))).toEqual([
    "kernels-ratios",
    "fnet-cost-1",
  ]);
  expect(blocks.flatMap((block) => (block.kind === "fold" ? [block.summary] : []))).toEqual([
    "Deno\u00a02.9.6",
    "Every figure, with quartiles and differences of outputs",
  ]);
  expect(textsOf(await report([], [footprint({})]))).toContain("Memory and download");
});

test("models of several runtimes and numbers of threads are compared", async () => {
  const model = { suite: "language", case: "BERT-Base, 1 × 128 tokens" };
  const blocks = await report([row(model), row({ ...model, threads: 2 }), row({ ...model, runtime: "bun 1.4.5", ratio: 1.2 })], []);
  const document = markdown(blocks);
  expect(document).toContain("| BERT-Base, 128 tokens, ms | 10.0 | 1.80× (18.0) |  |  |");
  expect(document).toContain(
    "|  | Node\u00a026.10.0 | Bun\u00a01.4.5 |\n| --- | --: | --: |\n| BERT-Base, 128 tokens | 10.0 ms, 1.80× | 10.0 ms, 1.20× |",
  );
  expect(document).toContain("## Threads");
});

test("the page has drawings that are readable on dark ground too, and escapes names", async () => {
  const page = html("A & B", await report([row({ runtime: "chromium 156.0.8078.79", suite: "language", case: "a <b>" })], []));
  expect(page).toContain("<h1>A &amp; B</h1>");
  expect(page).toContain("prefers-color-scheme");
  expect(page).toContain("Chromium\u00a0156.0.8078.79");
  expect(page).toContain("<strong>Ratios are their time ÷ ours: above 1, ours is faster.</strong>");
  expect(page).toContain('<td class="good">1.80× (18.0)</td>');
  expect(page).not.toContain("a <b>");
  expect(page.match(/<svg/g)).toHaveLength(1);
});

test("report and compare say what they take", () => {
  expect(() => parseReport([])).toThrow(UsageError);
  expect(() => parseReport(["a.json"])).toThrow("report takes --html, --markdown or --publish");
  expect(parseReport(["a.json", "--html", "b.html"])).toEqual({ files: ["a.json"], html: "b.html", publish: false });
  expect(parseReport(["--footprint", "f.json", "--publish"])).toEqual({ files: [], footprint: "f.json", publish: true });
  expect(() => parseCompare(["a.json"])).toThrow("compare takes two files of rows");
  expect(() => parseCompare(["a", "b", "--threshold", "5"])).toThrow('between 0 and 1, but found "5"');
  expect(parseCompare(["a", "b"])).toEqual({ before: "a", after: "b", threshold: 0.1 });
});

test("footprints stand beside each other", () => {
  const process = { measure: "process, growth at its highest", what: "ViT", runtime: "node 26.10.0", threads: 2, bytes: 5e8 } as const;
  const footprints = [footprint({ who: "onnxruntime-web", bytes: 3.71e6 }), footprint({ bytes: 85_800 }), footprint(process)];
  expect(tableMarkdown(footprintTable(footprints)).split("\n")).toEqual([
    "|  |  | runtime | threads | @x | onnxruntime-web |",
    "| --- | --- | --- | --: | --: | --: |",
    "| a page that runs a ViT | download, gzip |  |  | 85.8 kB | 3.71 MB |",
    "| ViT | process, growth at its highest | Node\u00a026.10.0 | 2 | 500 MB |  |",
  ]);
  expect([999, 12_340, 1.5e9].map(size)).toEqual(["1.00 kB", "12.3 kB", "1.50 GB"]);
});
