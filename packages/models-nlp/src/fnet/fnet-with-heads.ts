/** FNet with the heads that Hugging Face's library has, under its names. The heads are BERT's (Devlin et al. 2019, §3.1 and §4). */
import { blockScope, Dropout, Linear, type Rng, type Tensor, type Trace } from "@x/layers";
import { answerLogits } from "../heads/answer-logits.ts";
import { classifier } from "../heads/classifier.ts";
import { MaskedLMHead } from "../heads/masked-lm-head.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { FNetConfig } from "./config.ts";
import { FNet } from "./fnet.ts";

interface Options {
  readonly trace?: Trace;
}

/** Masked words and next sentences together. Lee-Thorp et al. 2022, §4.1. */
export class FNetForPreTraining extends FNet {
  override readonly architecture: string = "FNetForPreTraining";
  readonly predictions: MaskedLMHead;
  readonly nextSentence: Linear;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(config, rng);
    this.predictions = new MaskedLMHead(this);
    this.nextSentence = new Linear(this.config.hiddenSize, 2);
  }

  /** text (B, N) → logits of words (B, N, vocabSize), and of 0 = the second sentence is next, 1 = it is a random one (B, 2). */
  forward(text: TextInput, options?: Options): { readonly wordLogits: Tensor; readonly nextSentenceLogits: Tensor } {
    return blockScope(() => {
      const tokens = this.encode(text, options); //                         (B, N, D)
      return { wordLogits: this.predictions.forward(tokens), nextSentenceLogits: this.nextSentence.forward(this.pool(tokens)) };
    });
  }
}

export class FNetForMaskedLM extends FNet {
  override readonly architecture: string = "FNetForMaskedLM";
  readonly predictions: MaskedLMHead;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(config, rng);
    this.predictions = new MaskedLMHead(this);
  }

  /** text (B, N) → logits of words (B, N, vocabSize) */
  forward(text: TextInput, options?: Options): Tensor {
    return blockScope(() => this.predictions.forward(this.encode(text, options)));
  }
}

export class FNetForNextSentencePrediction extends FNet {
  override readonly architecture: string = "FNetForNextSentencePrediction";
  readonly nextSentence: Linear;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(config, rng);
    this.nextSentence = new Linear(this.config.hiddenSize, 2);
  }

  /** text pairs (B, N) → logits of 0 = the second is next, 1 = it is a random one (B, 2) */
  forward(text: TextInput, options?: Options): Tensor {
    return blockScope(() => this.nextSentence.forward(this.pool(this.encode(text, options))));
  }
}

export class FNetForSequenceClassification extends FNet {
  override readonly architecture: string = "FNetForSequenceClassification";
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(config, rng);
    this.dropout = new Dropout(this.config.hiddenDropoutProb, rng);
    this.classifier = classifier(this);
  }

  /** text (B, N) → logits (B, labels) */
  forward(text: TextInput, options?: Options): Tensor {
    return blockScope(() => this.classifier.forward(this.dropout.forward(this.pool(this.encode(text, options)))));
  }
}

export class FNetForTokenClassification extends FNet {
  override readonly architecture: string = "FNetForTokenClassification";
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(config, rng);
    this.dropout = new Dropout(this.config.hiddenDropoutProb, rng);
    this.classifier = classifier(this);
  }

  /** text (B, N) → logits (B, N, labels) */
  forward(text: TextInput, options?: Options): Tensor {
    return blockScope(() => this.classifier.forward(this.dropout.forward(this.encode(text, options))));
  }
}

export class FNetForQuestionAnswering extends FNet {
  override readonly architecture: string = "FNetForQuestionAnswering";
  readonly qaOutputs: Linear;

  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super(config, rng);
    this.qaOutputs = new Linear(this.config.hiddenSize, 2);
  }

  /** question and context (B, N) → logits of the answer's first and last token, both (B, N) */
  forward(text: TextInput, options?: Options): { readonly startLogits: Tensor; readonly endLogits: Tensor } {
    return blockScope(() => answerLogits(this.qaOutputs.forward(this.encode(text, options))));
  }
}
