/**
 * RoBERTa: "A Robustly Optimized BERT Pretraining Approach", Liu et al. 2019; and what differs from it in languages and vocabulary alone: XLM-RoBERTa (Conneau et
 * al. 2020) and CamemBERT (Martin et al. 2020). BERT's encoder, in which positions are counted from padding's on, and heads of its own.
 */
import type { Rng } from "@x/layers";
import { completed, postNormBlock } from "@x/layers/model";
import {
  classifierDropoutOf,
  FirstTokenClassification,
  MaskedLM,
  QuestionAnswering,
  TokenClassification,
} from "../heads/text-encoders-with-heads.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { Pooler } from "../text-encoder/pooler.ts";
import { PositionsAfterPadding } from "../text-encoder/positions.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import { type RobertaConfig, robertaDefaults, robertaNames } from "./config.ts";
import { robertaFamily } from "./family.ts";

export function robertaParts(given: Partial<RobertaConfig>, rng: Rng): TextEncoderParts<RobertaConfig> {
  const config = completed("RoBERTa", robertaDefaults, given);
  const { maxPositionEmbeddings, hiddenSize, padTokenId, numHiddenLayers } = config;
  const positions = new PositionsAfterPadding(maxPositionEmbeddings, hiddenSize, padTokenId);
  return {
    name: robertaNames[config.modelType],
    config,
    embeddings: new TextEmbeddings(config, rng, { positions }),
    blocks: Array.from({ length: numHiddenLayers }, () => postNormBlock(config, rng)),
  };
}

/** The encoder with its pooler, which Hugging Face's library adds: `RobertaModel`. */
export class Roberta extends TextEncoder<RobertaConfig> {
  static readonly family: typeof robertaFamily = robertaFamily;

  constructor(config: Partial<RobertaConfig>, rng: Rng) {
    const parts = robertaParts(config, rng);
    super({ ...parts, pooler: new Pooler(parts.config.hiddenSize) });
  }
}

export class RobertaForMaskedLM extends MaskedLM<RobertaConfig> {
  static readonly family: typeof robertaFamily = robertaFamily;

  constructor(config: Partial<RobertaConfig>, rng: Rng) {
    super(robertaParts(config, rng), { activation: "gelu" });
  }
}

export class RobertaForSequenceClassification extends FirstTokenClassification<RobertaConfig> {
  static readonly family: typeof robertaFamily = robertaFamily;

  constructor(config: Partial<RobertaConfig>, rng: Rng) {
    const parts = robertaParts(config, rng);
    const dropout = classifierDropoutOf(parts.config);
    super(parts, rng, { activation: "tanh", inputDropout: dropout, dropout });
  }
}

export class RobertaForTokenClassification extends TokenClassification<RobertaConfig> {
  static readonly family: typeof robertaFamily = robertaFamily;

  constructor(config: Partial<RobertaConfig>, rng: Rng) {
    super(robertaParts(config, rng), rng);
  }
}

export class RobertaForQuestionAnswering extends QuestionAnswering<RobertaConfig> {
  static readonly family: typeof robertaFamily = robertaFamily;

  constructor(config: Partial<RobertaConfig>, rng: Rng) {
    super(robertaParts(config, rng));
  }
}
