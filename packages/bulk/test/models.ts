/** A tiny sentence encoder of random weights, in a folder, and rows for it. */
import { join } from "node:path";
import { init, Rng, shutdown } from "@x/layers";
import { SentenceEncoder, Tokenizer } from "@x/models-nlp";

export const packages: string = join(import.meta.dirname, "../..");

export async function writeEncoder(folder: string): Promise<void> {
  await init();
  const shape = {
    vocabSize: 168,
    hiddenSize: 16,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 32,
    maxPositionEmbeddings: 64,
  };
  using model = await SentenceEncoder.fromConfig(shape, { rng: new Rng(7) });
  model.tokenizer = await Tokenizer.fromPretrained(join(packages, "models-nlp/golden/tasks/vocab.txt"));
  await model.savePretrained(folder);
  shutdown();
}

const words = ["the", "whale", "sea", "ship", "old", "man", "a", "of", "white", "harpoon"];

/** Texts of several lengths, unlike each other. */
export const textOf = (i: number): string =>
  Array.from({ length: 1 + (i % 7) }, (_, j) => words[(i * 31 + j * 17) % words.length]).join(" ") + ` ${i}`;
