import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseOptions, UsageError } from "../src/options.ts";
import { between } from "../src/report/markers.ts";
import { merge } from "../src/report/merge.ts";
import { publish, published } from "../src/report/publish.ts";
import { footprint, row } from "./rows.ts";
import { temporaryFolder } from "./run.ts";

const bert = { suite: "language", case: "BERT-Base, 1 × 128 tokens" };

test("text is put between two comments, again and again", () => {
  const readme = "# A\n\n<!-- bench: begin -->\nold\n<!-- bench: end -->\n\nMore.\n";
  const once = between(readme, "bench", "| a |");
  expect(once).toBe("# A\n\n<!-- bench: begin -->\n\n| a |\n\n<!-- bench: end -->\n\nMore.\n");
  expect(between(once, "bench", "| a |")).toBe(once);
  expect(() => between("# A", "bench", "")).toThrow("should hold <!-- bench: begin --> and, after it, <!-- bench: end -->");
});

test("fresh rows take the place of the same case, runtime, threads and peer, whatever the version; others stay, dead cases and peers go", () => {
  const old = {
    rows: [
      row({ ...bert, ratio: 1 }),
      row({ ...bert, peer: "a peer that is no more" }),
      row({ ...bert, runtime: "node-wide 26.10.0", ratio: 5 }),
      row({ ...bert, threads: 2, ratio: 2 }),
      row({ ...bert, runtime: "node20 20.20.2", ratio: 3 }),
      row({ ...bert, case: "BERT, as it was called once" }),
    ],
    footprints: [footprint({}), footprint({ who: "tfjs-wasm" }), footprint({ what: "ViT-B/16", runtime: "deno 2.9.6", bytes: 5 })],
  };
  const fresh = { rows: [row({ ...bert, runtime: "node 27.0.0", ratio: 4 })], footprints: [footprint({ bytes: 7 })] };
  const merged = merge(old, fresh);
  expect(merged.rows.map(({ runtime, threads, ratio }) => [runtime, threads, ratio])).toEqual([
    ["node 27.0.0", 1, 4],
    ["node 26.10.0", 2, 2],
    ["node-wide 26.10.0", 1, 5],
    ["node20 20.20.2", 1, 3],
  ]);
  expect(merged.footprints.map(({ bytes }) => bytes)).toEqual([5, 7]);
});

test("rows are kept in order, a document with small pictures is written, and the README gets its table", async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "docs/images"), { recursive: true });
  writeFileSync(join(root, "docs/images/bench-old.svg"), "");
  writeFileSync(join(root, "docs/images/another.svg"), "");
  writeFileSync(join(root, "README.md"), "# A\n<!-- bench: begin --><!-- bench: end -->\n");
  const vit = { suite: "vit", case: "ViT-B/16, batch 1" };
  await publish({ rows: [row(bert), row({ ...bert, threads: 2 })], footprints: [footprint({})] }, root);
  await publish({ rows: [row(vit)], footprints: [] }, root);

  const { rows } = await published(root);
  expect(rows.map(({ case: name, threads }) => [name, threads])).toEqual([
    ["ViT-B/16, batch 1", 1],
    ["BERT-Base, 1 × 128 tokens", 1],
    ["BERT-Base, 1 × 128 tokens", 2],
  ]);
  const document = readFileSync(join(root, "docs/benchmarks.md"), "utf8");
  expect(document).toMatch(/^# @x beside the others\n/);
  expect(document).toContain("## Bars");
  const pictures = [...document.matchAll(/!\[[^\]]+\]\(images\/([^)]+)\)/g)].map(([, name = ""]) => name);
  expect(pictures).toEqual(["bench-vision-ratios.svg", "bench-language-ratios.svg", "bench-threads-cost-1.svg"]);
  expect(readdirSync(join(root, "docs/images")).sort()).toEqual(["another.svg", ...pictures].sort());
  for (const name of pictures) expect(statSync(join(root, "docs/images", name)).size).toBeLessThan(60_000);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme).toContain("| ViT-B/16, ms | 10.0 | 1.80× (18.0) |  |  |");
  expect(readme).toContain("| download of a page that runs a ViT | 86.0 kB |  |  |  |");
});

test("rows of two machines aren't kept together, nor a part of what there is to measure", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, "README.md"), "<!-- bench: begin --><!-- bench: end -->");
  await publish({ rows: [row(bert)], footprints: [] }, root);
  await expect(publish({ rows: [row({ ...bert, machine: "Another" })], footprints: [] }, root)).rejects.toThrow(
    "measured on another machine (A Processor, 2 cores); to begin anew, delete docs/benchmarks.json",
  );
  expect(() => parseOptions(["--publish", "--quick"])).toThrow("--publish takes no --quick and no --simd");
  expect(() => parseOptions(["--publish", "--simd", "wide"])).toThrow("--publish takes no --quick and no --simd");
  expect(() => parseOptions(["--simd", "fat"])).toThrow("there is no SIMD mode fat; there are plain, relaxed, wide");
  expect(parseOptions(["--simd", "wide", "--runtimes", "node,node20"]).runtimes).toEqual(["node-wide", "node20"]);
  expect(() => parseOptions(["--cases", "("])).toThrow(UsageError);
});
