/** transformers.js with a converted checkpoint under the name that the documentation loads: what it gives is what the snippet beside it gives. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bertModel } from "../../../apps/bench/src/onnx/bert.ts";
import { Weights } from "../../../apps/bench/src/weights.ts";
import { embedText, SentenceEncoder, type DistilBert } from "../../../packages/models-nlp/src/index.ts";

const root = join(import.meta.dirname, "../../..");
/** A sentence encoder with the files of one on the hub. */
export const sentenceFolder: string = join(root, "packages/models-nlp/golden/sentence_distilbert");
/** What the documentation's snippets embed. */
export const sentence = "The whale is old.";

/** @param folder where the converted files go */
export async function converted(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const home = join(folder, "Xenova/all-MiniLM-L6-v2");
  await mkdir(join(home, "onnx"), { recursive: true });
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) await cp(join(sentenceFolder, name), join(home, name));
  const encoder = await SentenceEncoder.fromPretrained(sentenceFolder);
  const length = encoder.tokenizer?.encode(sentence).ids.length ?? 0;
  const inner = encoder.encoder as DistilBert;
  await writeFile(join(home, "onnx/model.onnx"), bertModel(inner.config, new Weights(inner), 1, length));
  encoder.dispose();
  const library = (await import(createRequire(join(root, "apps/bench/package.json")).resolve("@huggingface/transformers"))) as {
    readonly env: object;
  };
  Object.assign(library.env, { allowRemoteModels: false, localModelPath: folder });
  return { ...library };
}

/** The vectors that the checkpoint itself gives. */
export async function vectorsOf(texts: readonly string[]): Promise<number[][]> {
  const encoder = await SentenceEncoder.fromPretrained(sentenceFolder);
  const vectors = (await embedText(encoder, texts)).map((vector) => Array.from(vector));
  encoder.dispose();
  return vectors;
}
