/** DistilBERT: "A distilled version of BERT", Sanh, Debut, Chaumond & Wolf 2019. BERT with half its layers, without types of tokens, and without a pooler. */
import { Dropout, type Rng } from "@x/layers";
import { completed, postNormBlock } from "@x/layers/model";
import { FirstTokenClassification, MaskedLM, QuestionAnswering, TokenClassification } from "../heads/text-encoders-with-heads.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import { type DistilBertConfig, distilBertDefaults } from "./config.ts";
import { distilBertFamily } from "./family.ts";

export function distilBertParts(given: Partial<DistilBertConfig>, rng: Rng): TextEncoderParts<DistilBertConfig> {
  const config = completed("DistilBERT", distilBertDefaults, given);
  const blocks = Array.from({ length: config.numHiddenLayers }, () => postNormBlock(config, rng));
  return { name: "DistilBert", config, embeddings: new TextEmbeddings(config, rng), blocks };
}

/** The encoder alone: `DistilBertModel`. */
export class DistilBert extends TextEncoder<DistilBertConfig> {
  static readonly family: typeof distilBertFamily = distilBertFamily;

  constructor(config: Partial<DistilBertConfig>, rng: Rng) {
    super(distilBertParts(config, rng));
  }
}

export class DistilBertForMaskedLM extends MaskedLM<DistilBertConfig> {
  static readonly family: typeof distilBertFamily = distilBertFamily;

  constructor(config: Partial<DistilBertConfig>, rng: Rng) {
    super(distilBertParts(config, rng));
  }
}

export class DistilBertForSequenceClassification extends FirstTokenClassification<DistilBertConfig> {
  static readonly family: typeof distilBertFamily = distilBertFamily;

  constructor(config: Partial<DistilBertConfig>, rng: Rng) {
    const parts = distilBertParts(config, rng);
    super(parts, rng, { activation: "relu", dropout: parts.config.seqClassifDropout });
  }
}

export class DistilBertForTokenClassification extends TokenClassification<DistilBertConfig> {
  static readonly family: typeof distilBertFamily = distilBertFamily;

  constructor(config: Partial<DistilBertConfig>, rng: Rng) {
    super(distilBertParts(config, rng), rng);
  }
}

export class DistilBertForQuestionAnswering extends QuestionAnswering<DistilBertConfig> {
  static readonly family: typeof distilBertFamily = distilBertFamily;

  constructor(config: Partial<DistilBertConfig>, rng: Rng) {
    const parts = distilBertParts(config, rng);
    super(parts, new Dropout(parts.config.qaDropout, rng));
  }
}
