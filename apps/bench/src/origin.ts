import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import type { Origin } from "./report/rows.ts";

/** This machine, today. */
export const origin = (): Origin => ({
  machine: `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores`,
  date: new Date().toISOString().slice(0, 10),
});

/** npm's name of what takes part under another. */
const packages: Readonly<Record<string, string>> = {
  "jax-js": "@jax-js/jax",
  "tfjs-wasm": "@tensorflow/tfjs-backend-wasm",
  "transformers.js": "@huggingface/transformers",
  pffft: "@echogarden/pffft-wasm",
};

/** The version of a library that takes part; undefined for what is none. */
export function versionOfPeer(peer: string): string | undefined {
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return dependencies[packages[peer] ?? peer];
}
