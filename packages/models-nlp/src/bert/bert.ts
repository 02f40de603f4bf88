/**
 * BERT: "Pre-training of Deep Bidirectional Transformers for Language Understanding", Devlin, Chang, Lee & Toutanova 2019.
 * B texts of N tokens, D hidden size.
 */
import type { Rng } from "@x/layers";
import { completed, postNormBlock } from "@x/layers/model";
import { Pooler } from "../text-encoder/pooler.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import { type BertConfig, bertDefaults } from "./config.ts";
import { bertFamily } from "./family.ts";

/** Embeddings → self-attention → + → LN, MLP → + → LN, in which each token sees all others, before and after it. §3, "Model Architecture". */
export function bertParts(given: Partial<BertConfig>, rng: Rng): TextEncoderParts<BertConfig> {
  const config = completed("BERT", bertDefaults, given);
  const blocks = Array.from({ length: config.numHiddenLayers }, () => postNormBlock(config, rng));
  return { name: "Bert", config, embeddings: new TextEmbeddings(config, rng), blocks };
}

/** The same, and what makes one vector of a text. */
export function pooledBertParts(given: Partial<BertConfig>, rng: Rng): TextEncoderParts<BertConfig> {
  const parts = bertParts(given, rng);
  return { ...parts, pooler: new Pooler(parts.config.hiddenSize) };
}

/** The encoder alone: `BertModel` without its pooler. */
export class BertEncoder extends TextEncoder<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(bertParts(config, rng));
  }
}

/** The encoder with its pooler: `BertModel`. */
export class Bert extends TextEncoder<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(pooledBertParts(config, rng));
  }
}
