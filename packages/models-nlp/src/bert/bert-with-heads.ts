/** BERT with the heads that Hugging Face's library has, under its names. */
import type { Rng } from "@x/layers";
import {
  MaskedLM,
  NextSentencePrediction,
  PreTraining,
  QuestionAnswering,
  SequenceClassification,
  TokenClassification,
} from "../heads/text-encoders-with-heads.ts";
import { bertParts, pooledBertParts } from "./bert.ts";
import type { BertConfig } from "./config.ts";
import { bertFamily } from "./family.ts";

export class BertForPreTraining extends PreTraining<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(pooledBertParts(config, rng));
  }
}

export class BertForMaskedLM extends MaskedLM<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(bertParts(config, rng));
  }
}

export class BertForNextSentencePrediction extends NextSentencePrediction<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(pooledBertParts(config, rng));
  }
}

export class BertForSequenceClassification extends SequenceClassification<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(pooledBertParts(config, rng), rng);
  }
}

export class BertForTokenClassification extends TokenClassification<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(bertParts(config, rng), rng);
  }
}

export class BertForQuestionAnswering extends QuestionAnswering<BertConfig> {
  static readonly family: typeof bertFamily = bertFamily;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(bertParts(config, rng));
  }
}
