/** One base for all errors, whichever package throws them, and whichever package a user has it from. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { XError } from "../../packages/core-wasm/src/index.ts";

const root = join(import.meta.dirname, "../..");
const packages = globSync("packages/*/src/index.ts", { cwd: root, exclude: ["packages/testing/**"] });

test.each(packages)("%s has XError, and what it calls an error is one", async (path) => {
  const found: Record<string, unknown> = await import(join(root, path));
  expect(found["XError"]).toBe(XError);
  for (const [name, value] of Object.entries(found)) {
    if (/^[A-Z]\w*Error\b/.test(name) && name !== "XError") expect((value as typeof XError).prototype, name).toBeInstanceOf(XError);
  }
});

test("no source throws anything else", () => {
  const bare = /new (?:Error|TypeError|RangeError|SyntaxError)\(/;
  const files = globSync("packages/*/src/**/*.ts", { cwd: root, exclude: ["**/generated/**", "packages/testing/**"] });
  expect(files.filter((file) => bare.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
});

test("an error says where, what was expected and what came, in fields and in its message", async () => {
  const { ArgumentError, ShapeError, TensorError } = await import("../../packages/layers/src/index.ts");
  const { CheckpointError } = await import("../../packages/layers/src/index.ts");
  for (const error of [
    new ShapeError("add", "shapes must be equal", { a: [2], b: [3, 4] }),
    new ArgumentError("train", "steps must be a whole number", "is NaN"),
    new CheckpointError("a tensor doesn't fit", { file: "model.safetensors", tensor: "w", expected: "(2,)", found: "(3,)" }),
    new XError("x: a, but b", { where: "x", expected: "a", found: "b" }),
  ]) {
    expect(error).toBeInstanceOf(XError);
    for (const part of [error.where, error.expected, error.found]) expect(error.message).toContain(part);
  }
  expect(new ShapeError("add", "", {})).toBeInstanceOf(TensorError);
  expect(new ArgumentError("add", "", "")).toBeInstanceOf(TensorError);
});
