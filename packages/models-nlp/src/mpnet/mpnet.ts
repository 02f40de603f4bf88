/**
 * MPNet: "Masked and Permuted Pre-training for Language Understanding", Song, Tan, Qin, Lu & Liu 2020. RoBERTa's encoder without types of tokens, whose attention
 * also sees how far tokens stand apart.
 */
import type { Rng } from "@x/layers";
import { completed, postNormBlock } from "@x/layers/model";
import { FirstTokenClassification, MaskedLM, QuestionAnswering, TokenClassification } from "../heads/text-encoders-with-heads.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { Pooler } from "../text-encoder/pooler.ts";
import { PositionsAfterPadding } from "../text-encoder/positions.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import { type MPNetConfig, mpNetDefaults } from "./config.ts";
import { mpNetFamily } from "./family.ts";
import { RelativePositionBias } from "./relative-position.ts";

/** Whatever the config says, padding is 1 where positions are counted: so does Hugging Face's library. */
const padTokenId = 1;

export function mpNetParts(given: Partial<MPNetConfig>, rng: Rng): TextEncoderParts<MPNetConfig> {
  const config = completed("MPNet", mpNetDefaults, given);
  const positions = new PositionsAfterPadding(config.maxPositionEmbeddings, config.hiddenSize, padTokenId);
  return {
    name: "MPNet",
    config,
    embeddings: new TextEmbeddings({ ...config, padTokenId }, rng, { positions }),
    blocks: Array.from({ length: config.numHiddenLayers }, () => postNormBlock(config, rng)),
    positionBias: new RelativePositionBias(config.relativeAttentionNumBuckets, config.numAttentionHeads),
  };
}

/** The encoder with its pooler, which Hugging Face's library adds: `MPNetModel`. */
export class MPNet extends TextEncoder<MPNetConfig> {
  static readonly family: typeof mpNetFamily = mpNetFamily;

  constructor(config: Partial<MPNetConfig>, rng: Rng) {
    const parts = mpNetParts(config, rng);
    super({ ...parts, pooler: new Pooler(parts.config.hiddenSize) });
  }
}

export class MPNetForMaskedLM extends MaskedLM<MPNetConfig> {
  static readonly family: typeof mpNetFamily = mpNetFamily;

  constructor(config: Partial<MPNetConfig>, rng: Rng) {
    super(mpNetParts(config, rng), { activation: "gelu" });
  }
}

export class MPNetForSequenceClassification extends FirstTokenClassification<MPNetConfig> {
  static readonly family: typeof mpNetFamily = mpNetFamily;

  constructor(config: Partial<MPNetConfig>, rng: Rng) {
    const parts = mpNetParts(config, rng);
    const { hiddenDropoutProb: dropout } = parts.config;
    super(parts, rng, { activation: "tanh", inputDropout: dropout, dropout });
  }
}

export class MPNetForTokenClassification extends TokenClassification<MPNetConfig> {
  static readonly family: typeof mpNetFamily = mpNetFamily;

  constructor(config: Partial<MPNetConfig>, rng: Rng) {
    super(mpNetParts(config, rng), rng);
  }
}

export class MPNetForQuestionAnswering extends QuestionAnswering<MPNetConfig> {
  static readonly family: typeof mpNetFamily = mpNetFamily;

  constructor(config: Partial<MPNetConfig>, rng: Rng) {
    super(mpNetParts(config, rng));
  }
}
