/** The most that a file may have, in bytes, by what its name says it is. Weights have no limit: whoever loads strangers' repositories gives `maxFileBytes`. */

import { CheckpointError } from "./checkpoint-error.ts";

/** Texts, vocabularies, settings; the indexes of shards. Hugging Face's longest are 35 MB. */
const TEXT = 100_000_000;
/** What a server sends without telling its length is kept in memory. */
export const MOST_UNTOLD: number = 2 ** 30;

/** Texts, vocabularies, settings; all else is weights. */
export const isText = (name: string): boolean => /\.(json|jsonl|txt|model|vocab|md|jinja)$/i.test(name);

export const mostBytes = (name: string, maxFileBytes: number = Infinity): number => Math.min(isText(name) ? TEXT : Infinity, maxFileBytes);

/** @throws CheckpointError when a file is beyond its limit */
export function checkSize(name: string, size: number, label: string, maxFileBytes?: number): void {
  const most = mostBytes(name, maxFileBytes);
  if (size <= most) return;
  throw new CheckpointError("the file is too large", { file: label, expected: `at most ${most} bytes`, found: String(size) });
}
