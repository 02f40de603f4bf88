/** FNet with the heads that Hugging Face's library has, under its names. */
import type { Rng } from "@x/layers";
import {
  MaskedLM,
  NextSentencePrediction,
  PreTraining,
  QuestionAnswering,
  SequenceClassification,
  TokenClassification,
} from "../heads/text-encoders-with-heads.ts";
import type { FNetConfig } from "./config.ts";
import { fNetFamily } from "./family.ts";
import { fNetParts } from "./fnet.ts";

export class FNetForPreTraining extends PreTraining<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng));
  }
}

export class FNetForMaskedLM extends MaskedLM<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng));
  }
}

export class FNetForNextSentencePrediction extends NextSentencePrediction<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng));
  }
}

export class FNetForSequenceClassification extends SequenceClassification<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng), rng);
  }
}

export class FNetForTokenClassification extends TokenClassification<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng), rng);
  }
}

export class FNetForQuestionAnswering extends QuestionAnswering<FNetConfig> {
  static readonly family: typeof fNetFamily = fNetFamily;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(fNetParts(config, rng));
  }
}
