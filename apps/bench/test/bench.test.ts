import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parseOptions, UsageError } from "../src/options.ts";
import type { Row } from "../src/report/rows.ts";
import { casesOf, suites } from "../src/suites.ts";

const entry = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("a quick run compares with every library and writes its rows", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "rows.json");
  const words = ["--conditions=@x/source", entry, "layer-norm", "--quick", "--threads", "1", "--json", file];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toContain("3 of 3 compared outputs agree");

  const rows = JSON.parse(readFileSync(file, "utf8")) as Row[];
  expect(rows.map(({ peer }) => peer)).toEqual(["onnxruntime-web", "onnxruntime-node", "tfjs-wasm"]);
  for (const row of rows) {
    expect(row).toMatchObject({
      suite: "layer-norm",
      case: "layer-norm 16×64",
      runtime: `node ${process.versions.node}`,
      threads: 1,
      dtype: "f32",
    });
    expect(row.ratio).toBeCloseTo(row.peerMs / row.oursMs, 9);
    expect(row.maxAbsDiff).toBeLessThan(1e-4);
  }
});

test("a command line says what it can't do", () => {
  expect(() => parseOptions(["matmull"])).toThrow(UsageError);
  expect(() => parseOptions(["matmull"])).toThrow("there is no suite matmull; there are matmul, attention");
  expect(() => parseOptions(["--threads", "0"])).toThrow('--threads takes whole numbers from 1 on, but found "0"');
  expect(() => parseOptions(["--peers", "numpy"])).toThrow("there is no peer numpy");
  expect(() => parseOptions(["--runtimes", "node,netscape"])).toThrow(
    "there is no runtime netscape; there are node, node-wide, node22, node20, deno, bun",
  );
  expect(() => parseOptions(["--fast"])).toThrow(UsageError);
});

test("a command line is read", () => {
  expect(parseOptions(["vit", "--threads", "1,4", "--peers", "roofline,self", "--repeat", "7", "--quick", "--json", "a.json"])).toEqual({
    suites: ["vit"],
    runtimes: ["node"],
    threads: [1, 4],
    peers: ["roofline", "self"],
    cases: undefined,
    rounds: 7,
    seconds: undefined,
    quick: true,
    short: false,
    publish: false,
    json: "a.json",
    html: undefined,
    markdown: undefined,
    footprint: undefined,
    help: false,
  });
  expect(parseOptions([]).suites).toEqual([...suites.keys(), "cold-start", "footprint"]);
  expect(parseOptions(["--runtimes", "deno,firefox"]).runtimes).toEqual(["deno", "firefox"]);
  expect(parseOptions(["--runtimes", "all"]).runtimes).toEqual([
    "node",
    "node-wide",
    "node22",
    "node20",
    "deno",
    "bun",
    "chromium",
    "firefox",
  ]);
  expect(parseOptions(["--short"])).toMatchObject({ short: true, seconds: 3 });
  expect(parseOptions(["--short", "--seconds", "8"]).seconds).toBe(8);
});

test("--short leaves out what takes long or compares us with ourselves", () => {
  const names = (suite: string, short: boolean): string[] => casesOf(suite, { threads: 2, quick: false, short }).map(({ name }) => name);
  expect(names("language", true)).toEqual(["BERT-Base, 1 × 128 tokens", "MiniLM, 1 × 16 tokens", "MiniLM, 1 × 128 tokens"]);
  expect(names("language", false)).toContain("BERT-Base, 16 × 128 tokens");
  expect(names("vision-claims", true)).toEqual([]);
  expect(names("vision-claims", false)).toContain("Mixer-B/16 forward, 448 px");
  expect(names("cold-start", true)).toEqual([]);
});
