import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Footprint } from "../src/report/footprint.ts";
import type { Row } from "../src/report/rows.ts";
import { bench, temporaryFolder } from "./run.ts";

test("cold starts agree with each other and are rows; footprints are a file of their own", () => {
  const folder = temporaryFolder();
  const [json, footprint] = [join(folder, "rows.json"), join(folder, "footprint.json")];
  bench("cold-start", "footprint", "--repeat", "1", "--peers", "onnxruntime-node,tfjs-wasm", "--json", json, "--footprint", footprint);

  const rows = JSON.parse(readFileSync(json, "utf8")) as Row[];
  const where = { suite: "cold-start", threads: 1, runtime: `node ${process.versions.node}` };
  expect(rows).toMatchObject(
    ["onnxruntime-node", "tfjs-wasm"].map((peer) => ({ ...where, peer, simd: expect.stringMatching(/^(plain|relaxed)$/) })),
  );
  for (const { maxAbsDiff } of rows) {
    expect(maxAbsDiff).toBeGreaterThan(0);
    expect(maxAbsDiff).toBeLessThan(1e-4);
  }

  const footprints = JSON.parse(readFileSync(footprint, "utf8")) as Footprint[];
  const ours = footprints.filter(({ who }) => who === "ours");
  const tensors = ours.filter(({ measure }) => measure === "tensors, most at once").map(({ bytes }) => bytes);
  expect(tensors).toHaveLength(2);
  for (const { measure, simd } of ours) expect(simd === undefined).toBe(measure === "download, gzip");
  expect(tensors[1]).toBeGreaterThan(3 * (tensors[0] ?? 0)); // weights, gradients, two moments
  const download = ours.find(({ measure }) => measure === "download, gzip")?.bytes;
  expect(download).toBeGreaterThan(50_000);
  expect(download).toBeLessThan(111_000); // the bar in .size-limit.json
});
