import type { Footprint } from "../src/report/footprint.ts";
import type { Row } from "../src/report/rows.ts";

const origin = { machine: "A Processor, 2 cores", date: "2026-01-01" };

/** A row, but for what a test is about. */
export const row = (changes: Partial<Row>): Row => ({
  suite: "matmul",
  case: "a <b>",
  runtime: "node 26.10.0",
  threads: 1,
  dtype: "f32",
  peer: "onnxruntime-web",
  ...((changes.peer ?? "onnxruntime-web") === "onnxruntime-web" && { peerVersion: "1.30.0" }),
  oursMs: 10,
  peerMs: 18,
  ratio: 1.8,
  maxAbsDiff: 1e-6,
  oursSpread: [9, 11],
  peerSpread: [17, 19],
  ...origin,
  ...changes,
});

/** Our download, but for what a test is about. */
export const footprint = (changes: Partial<Footprint>): Footprint => ({
  measure: "download, gzip",
  what: "a page that runs a ViT",
  who: "ours",
  runtime: "",
  threads: 0,
  bytes: 86_000,
  ...origin,
  ...changes,
});
