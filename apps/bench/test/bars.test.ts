import { expect, test } from "vitest";
import { bars, barsTable } from "../src/report/bars.ts";
import { textOf } from "../src/report/blocks.ts";
import type { Row } from "../src/report/rows.ts";
import { casesOf } from "../src/suites.ts";
import { footprint, row } from "./rows.ts";

/** What the table says of the bar whose work and opponent hold these words. */
function outcome(rows: readonly Row[], work: string, against: string, footprints = [footprint({})]): readonly string[] {
  const line = barsTable({ rows, footprints }).lines.find(
    ([first = "", second = ""]) => textOf(first).includes(work) && textOf(second).includes(against),
  );
  return (line ?? []).slice(2, 5).map(textOf);
}

test("nothing measured, nothing claimed", () => {
  const { lines } = barsTable({ rows: [], footprints: [] });
  expect(lines).toHaveLength(bars.length);
  expect(new Set(lines.map(([, , , measured = ""]) => textOf(measured)))).toEqual(new Set(["not measured"]));
});

test("of several cases the least stands first, and each must reach the bar", () => {
  const model = { case: "ViT-B/16, batch 1", suite: "vit" };
  const rows = [row({ ...model, ratio: 1.9 }), row({ ...model, runtime: "chromium 156.0", ratio: 1.7 })];
  expect(outcome(rows, "latest Node and Chromium", "onnxruntime-web")).toEqual([
    "≥ 1.90×",
    "1.70× (ViT-B/16, batch 1, Chromium\u00a0156.0, 1 thread) to 1.90×",
    "1 of 2 reach it",
  ]);
  expect(outcome(rows.slice(0, 1), "latest Node and Chromium", "onnxruntime-web")).toEqual(["≥ 1.90×", "1.90×", "reached"]);
  expect(outcome([row({ ...model, runtime: "node20 20.20.2", ratio: 1.2 })], "Node 20", "as many threads")).toEqual([
    "≥ 1.25×",
    "1.20×",
    "missed",
  ]);
});

test("a training step is told in forward passes", () => {
  const step = row({
    suite: "training",
    case: "ViT-B/16 training step, batch 8",
    peer: "self forward",
    threads: 2,
    oursMs: 7000,
    ratio: 1 / 2.8,
  });
  expect(outcome([step], "training steps", "own forward")).toEqual(["≤ 3.20×", "2.80×", "reached"]);
});

test("launches are told in microseconds, downloads in bytes", () => {
  const launch = row({ suite: "fork-join", case: "fork and join", peer: "self alone", threads: 2, oursMs: 0.00021 });
  expect(outcome([launch], "thread pool", "")).toEqual(["≤ 5.0 µs", "0.21 µs", "reached"]);
  expect(outcome([], "a page that runs a ViT", "gzip")).toEqual(["≤ 100 kB", "86.0 kB", "reached"]);
  const heavy = [footprint({ what: "a page with everything", bytes: 201_000 })];
  expect(outcome([], "everything", "gzip", heavy)).toEqual(["≤ 200 kB", "201 kB", "missed"]);
});

test("every bar that a suite measures finds its cases: names haven't drifted apart", () => {
  const suites = ["matmul", "fft", "fork-join", "vit", "vision", "language", "int8", "clip", "training"];
  const peers = [
    "onnxruntime-web",
    "onnxruntime-node",
    "tfjs-wasm",
    "jax-js",
    "roofline",
    "pffft",
    "self A·B",
    "self forward",
    "self float32",
    "pytorch",
    "self alone",
  ];
  const rows = ["node 26.10.0", "node-wide 26.10.0", "node20 20.20.2", "deno 2.9", "bun 1.4", "chromium 156.0", "firefox 153"].flatMap(
    (runtime) =>
      [1, 2].flatMap((threads) =>
        suites.flatMap((suite) =>
          casesOf(suite, { threads, quick: false, short: false }).flatMap(({ name }) =>
            peers.map((peer) => row({ suite, runtime, threads, case: name, peer })),
          ),
        ),
      ),
  );
  const empty = bars.filter((bar) => bar.command !== "pnpm bench footprint" && bar.readings({ rows, footprints: [] }).length === 0);
  expect(empty.map(({ work, against }) => `${work}: ${against}`)).toEqual([]);
});
