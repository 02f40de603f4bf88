import { Tokenizer } from "@x/models-nlp";

const letters = [..."abcdefghijklmnopqrstuvwxyz."];
const merges = ["o f</w>", "p h", "ph o", "pho t"];

/** The files of a byte-pair tokenizer like CLIP's with 60 tokens, [BOS] 58 and [EOS] 59. */
export function tinyTokenizerFiles(): Map<string, Uint8Array<ArrayBuffer>> {
  const tokens = [...letters, ...letters.map((letter) => `${letter}</w>`), ...merges.map((merge) => merge.replace(" ", ""))];
  const vocab = Object.fromEntries([...tokens, "<|startoftext|>", "<|endoftext|>"].map((token, id) => [token, id]));
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  return new Map([
    ["vocab.json", bytes(JSON.stringify(vocab))],
    ["merges.txt", bytes(["#version: 0.2", ...merges].join("\n"))],
  ]);
}

export const tinyTokenizer = (): Promise<Tokenizer> => Tokenizer.fromPretrained(tinyTokenizerFiles());
