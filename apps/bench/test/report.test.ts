import { expect, test } from "vitest";
import { compareRuns, comparisonText } from "../src/compare.ts";
import { parseCompare, parseReport, UsageError } from "../src/options.ts";
import { costPoints, exponent } from "../src/report/charts.ts";
import { type Footprint, footprintMarkdown, size } from "../src/report/footprint.ts";
import { markdown } from "../src/report/markdown.ts";
import { page } from "../src/report/page.ts";
import type { Row } from "../src/report/rows.ts";

const row = (changes: Partial<Row>): Row => ({
  suite: "matmul",
  case: "a <b>",
  runtime: "node 26.10.0",
  threads: 1,
  dtype: "f32",
  peer: "onnxruntime-web",
  oursMs: 10,
  peerMs: 18,
  ratio: 1.8,
  maxAbsDiff: 1e-6,
  oursSpread: [9, 11],
  peerSpread: [17, 19],
  ...changes,
});

test("a fall of the ratio is a regression, a change of the machine's speed isn't", () => {
  const before = [row({}), row({ case: "b", ratio: 2 }), row({ case: "gone" })];
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

test("rows with a size make a line for us and one for the peer", () => {
  const cost = { axis: "tokens", size: 128, of: "FNet" };
  expect(costPoints([row({ cost, peer: "self BERT" }), row({})])).toEqual([
    { line: "FNet", axis: "tokens", size: 128, ms: 10 },
    { line: "BERT", axis: "tokens", size: 128, ms: 18 },
  ]);
});

test("a table has a line for each case and a column for each peer", () => {
  const text = markdown([row({}), row({ peer: "tfjs-wasm", ratio: 2.5 }), row({ case: "b" })]);
  expect(text.split("\n").slice(2)).toEqual([
    "| a <b> | node 26.10.0 | 1 | 10.0 | 1.80 | 2.50 |",
    "| b | node 26.10.0 | 1 | 10.0 | 1.80 |  |",
    "",
  ]);
});

test("the page shows a plot for ratios and one for costs, and escapes names", async () => {
  const sized = [128, 512].map((n) => row({ suite: "vision-claims", cost: { axis: "tokens", size: n, of: "FNet" }, oursMs: n }));
  const html = await page([row({}), ...sized], [], { processor: "A & B", cores: 2, date: "2026-01-01" });
  expect(html.match(/<svg/g)).toHaveLength(3);
  expect(html).toContain("A &amp; B");
  expect(html).toContain("FNet ∝ size^1.00");
  expect(html).not.toContain("a <b>");
});

test("report and compare say what they take", () => {
  expect(() => parseReport([])).toThrow(UsageError);
  expect(() => parseReport(["a.json"])).toThrow(UsageError);
  expect(parseReport(["a.json", "--html", "b.html"])).toEqual({ files: ["a.json"], html: "b.html" });
  expect(parseReport(["--footprint", "f.json", "--html", "b.html"])).toEqual({ files: [], footprint: "f.json", html: "b.html" });
  expect(() => parseCompare(["a.json"])).toThrow("compare takes two files of rows");
  expect(() => parseCompare(["a", "b", "--threshold", "5"])).toThrow('between 0 and 1, but found "5"');
  expect(parseCompare(["a", "b"])).toEqual({ before: "a", after: "b", threshold: 0.1 });
});

test("several runtimes have plots of their own", async () => {
  const machine = { processor: "A", cores: 2, date: "2026-01-01" };
  const cost = { axis: "tokens", size: 128, of: "FNet" };
  const rows = ["node 26.10.0", "deno 2.9.6"].flatMap((runtime) => [128, 512].map((n) => row({ runtime, cost: { ...cost, size: n } })));
  const html = await page(rows, [], machine);
  expect(html.match(/<svg/g)).toHaveLength(3); // ratios of both, and time against size for each
  expect(html).toContain("<figcaption>deno 2.9.6</figcaption>");
  expect(await page(rows.slice(0, 2), [], machine)).not.toContain("<figcaption>");
});

test("footprints stand beside each other", async () => {
  const weighed = (who: string, bytes: number): Footprint => ({
    measure: "download, gzip",
    what: "a <page>",
    who,
    runtime: "",
    threads: 0,
    bytes,
  });
  const process = {
    measure: "process, growth at its highest",
    what: "ViT",
    who: "ours",
    runtime: "node 26.10.0",
    threads: 2,
    bytes: 5e8,
  } as const;
  const footprints = [weighed("onnxruntime-web", 3.71e6), weighed("ours", 85_800), process];
  expect(footprintMarkdown(footprints).split("\n").slice(0, -1)).toEqual([
    "|  |  | runtime | threads | @x | onnxruntime-web |",
    "| --- | --- | --- | --: | --: | --: |",
    "| a <page> | download, gzip |  |  | 85.8 kB | 3.71 MB |",
    "| ViT | process, growth at its highest | node 26.10.0 | 2 | 500 MB |  |",
  ]);
  const html = await page([], footprints, { processor: "A", cores: 2, date: "2026-01-01" });
  expect(html).toContain("<td>3.71 MB</td>");
  expect(html).not.toContain("a <page>");
  expect([999, 12_340, 1.5e9].map(size)).toEqual(["1.00 kB", "12.3 kB", "1.50 GB"]);
});
