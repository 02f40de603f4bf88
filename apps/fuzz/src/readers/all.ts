import type { Reader } from "../reader.ts";
import { embeddings, pickles, safetensors, shards } from "./checkpoints.ts";
import { images } from "./images.ts";
import { adapters, colbert, configs, generationConfigs, processors, sentenceEncoders } from "./models.ts";
import { requestBodies, rows, runs } from "./rows.ts";
import { anyText, sentencePieces, tokenizers } from "./texts.ts";

/** Everything that reads what strangers send. */
export const readers = (): readonly Reader[] => [
  safetensors(),
  pickles(),
  shards(),
  embeddings(),
  configs(),
  generationConfigs(),
  processors(),
  adapters(),
  sentenceEncoders(),
  colbert(),
  tokenizers(),
  sentencePieces(),
  anyText(),
  rows(),
  runs(),
  requestBodies(),
  ...images(),
];
