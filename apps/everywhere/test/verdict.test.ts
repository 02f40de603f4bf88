import { expect, test } from "vitest";
import { parityDocument } from "../src/runner/document.ts";
import { disagreements, type Result } from "../src/runner/verdict.ts";
import type { Run } from "../src/suite/suite.ts";

const verdict = { family: "ViT", compared: 3, largestError: 2e-7, hash: "a1", failures: [] };
const plain = (threads: number, change: object = {}): Run => ({
  simd: "plain",
  threadsAsked: threads,
  threads,
  verdicts: [{ ...verdict, ...change }],
});
const result = (runtime: string, runs: readonly Run[], mayShare = true): Result => ({
  runtime,
  version: "1",
  context: "",
  mayShare,
  outcome: { userAgent: "", isolated: mayShare, fastest: "plain", violations: [], pictures: { equal: 9, failures: [] }, runs },
});

test("agreement everywhere is silent, and makes a document", () => {
  const results = [result("Node", [plain(1), plain(2)]), result("Bun", [plain(1), { ...plain(1), threadsAsked: 2 }], false)];
  expect(disagreements(results)).toEqual([]);
  expect(parityDocument(results, ["Deno (npm)"])).toContain("| ViT | 3 | 2.0e-7 / – | 2.0e-7 / – |");
  expect(parityDocument(results, ["Deno (npm)"])).toContain("Not run: Deno (npm).");
});

test.each([
  ["other bits in another runtime", [result("Node", [plain(1)]), result("Bun", [plain(1, { hash: "b2" })])], "not the same bits as Node"],
  [
    "other bits with more threads",
    [result("Node", [plain(1), plain(2, { hash: "b2" })])],
    "Node, plain, 2 threads: ViT: not the same bits",
  ],
  ["a difference from the golden numbers", [result("Node", [plain(1, { failures: ["grad.w differs by 1"] })])], "grad.w differs by 1"],
  ["fewer threads than can work", [result("Node", [{ ...plain(2), threads: 1 }])], "1 threads work instead of 2"],
  ["threads where none may share memory", [result("Node", [plain(2)], false)], "2 threads work instead of 1"],
  ["a runtime that fails", [{ ...result("Node", []), outcome: { error: "it burst" } }], "Node: it burst"],
  ["a model that only ran in one", [result("Node", [plain(1)]), result("Bun", [{ ...plain(1), verdicts: [] }])], "ViT was not run"],
])("%s is told", (_, results: readonly Result[], line) => {
  expect(disagreements(results).join("\n")).toContain(line);
});

test("the relaxed build may have bits of its own, but not numbers", () => {
  const relaxed = (change: object): Run => ({ ...plain(1, change), simd: "relaxed" });
  expect(disagreements([result("Node", [plain(1), relaxed({ hash: "b2" })])])).toEqual([]);
  expect(disagreements([result("Node", [plain(1), relaxed({ failures: ["logits differs by 1"] })])])).toHaveLength(1);
});

test("pictures with other pixels are told", () => {
  const { outcome, ...rest } = result("Deno", [plain(1)]);
  const pictures = { equal: 8, failures: ["cmyk.jpg hasn't Pillow's pixels"] };
  expect(disagreements([{ ...rest, outcome: { ...outcome, pictures } }])).toEqual(["Deno: cmyk.jpg hasn't Pillow's pixels"]);
});

test("what the page's policy refused is told", () => {
  const { outcome, ...rest } = result("Chromium", [plain(1)]);
  expect(disagreements([{ ...rest, outcome: { ...outcome, violations: ["worker-src blob"] } }])).toEqual([
    "Chromium: refused: worker-src blob",
  ]);
});
