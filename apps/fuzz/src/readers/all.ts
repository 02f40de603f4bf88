import type { Reader } from "../reader.ts";
import { embeddings, pickles, safetensors, shards } from "./checkpoints.ts";
import { images } from "./images.ts";
import { adapters, configs, generationConfigs, processors, sentenceEncoders } from "./models.ts";
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
  tokenizers(),
  sentencePieces(),
  anyText(),
  ...images(),
];
