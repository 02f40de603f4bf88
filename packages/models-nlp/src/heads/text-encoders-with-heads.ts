/** What is asked of a text encoder, whichever it is: BERT's heads. Devlin et al. 2019, §3.1 and §4. The families name them as Hugging Face's library does. */
import { Dropout, Linear, type Rng, type Tensor, type TraceOptions } from "@x/layers";
import { blockScope } from "@x/layers/model";
import { TextEncoder, type TextEncoderConfig, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { answerLogits } from "./answer-logits.ts";
import { MaskedLMHead } from "./masked-lm-head.ts";

/** Masked words and next sentences together. §3.1, "Pre-training BERT". */
export abstract class PreTraining<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly predictions: MaskedLMHead;
  readonly nextSentence: Linear;

  constructor(parts: TextEncoderParts<Config>) {
    super(parts);
    this.predictions = new MaskedLMHead(this);
    this.nextSentence = new Linear(this.config.hiddenSize, 2);
  }

  /** text (B, N) → logits of words (B, N, vocabSize), and of 0 = the second sentence is next, 1 = it is a random one (B, 2). */
  forward(text: TextInput, options?: TraceOptions): { readonly wordLogits: Tensor; readonly nextSentenceLogits: Tensor } {
    return blockScope(() => {
      const tokens = this.encode(text, options); //                         (B, N, D)
      return { wordLogits: this.predictions.forward(tokens), nextSentenceLogits: this.nextSentence.forward(this.pool(tokens)) };
    });
  }
}

/** Masked words. §3.1, task 1. */
export abstract class MaskedLM<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly predictions: MaskedLMHead;

  constructor(parts: TextEncoderParts<Config>) {
    super(parts);
    this.predictions = new MaskedLMHead(this);
  }

  /** text (B, N) → logits of words (B, N, vocabSize) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.predictions.forward(this.encode(text, options)));
  }
}

/** Whether one sentence follows another. §3.1, task 2. */
export abstract class NextSentencePrediction<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly nextSentence: Linear;

  constructor(parts: TextEncoderParts<Config>) {
    super(parts);
    this.nextSentence = new Linear(this.config.hiddenSize, 2);
  }

  /** text pairs (B, N) → logits of 0 = the second is next, 1 = it is a random one (B, 2) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.nextSentence.forward(this.pool(this.encode(text, options))));
  }
}

/** Dropout, and an output for each of the config's classes. */
abstract class Classification<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(parts: TextEncoderParts<Config>, rng: Rng) {
    super(parts);
    const { classifierDropout, hiddenDropoutProb, hiddenSize, id2label } = this.config;
    this.dropout = new Dropout(classifierDropout ?? hiddenDropoutProb, rng);
    this.classifier = new Linear(hiddenSize, Object.keys(id2label).length);
  }
}

/** Classes of whole texts. §4.1. */
export abstract class SequenceClassification<Config extends TextEncoderConfig> extends Classification<Config> {
  /** text (B, N) → logits (B, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.classifier.forward(this.dropout.forward(this.pool(this.encode(text, options)))));
  }
}

/** Classes of single tokens. §5.3. */
export abstract class TokenClassification<Config extends TextEncoderConfig> extends Classification<Config> {
  /** text (B, N) → logits (B, N, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.classifier.forward(this.dropout.forward(this.encode(text, options))));
  }
}

/** Where in a text an answer stands. §4.2. */
export abstract class QuestionAnswering<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly qaOutputs: Linear;

  constructor(parts: TextEncoderParts<Config>) {
    super(parts);
    this.qaOutputs = new Linear(this.config.hiddenSize, 2);
  }

  /** question and context (B, N) → logits of the answer's first and last token, both (B, N) */
  forward(text: TextInput, options?: TraceOptions): { readonly startLogits: Tensor; readonly endLogits: Tensor } {
    return blockScope(() => answerLogits(this.qaOutputs.forward(this.encode(text, options))));
  }
}
