/** What is asked of a text encoder, whichever it is: BERT's heads. Devlin et al. 2019, §3.1 and §4. The families name them as Hugging Face's library does. */
import { Dropout, Linear, type Rng, type Tensor, type TraceOptions } from "@x/layers";
import { blockScope } from "@x/layers/model";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import { TextEncoder, type TextEncoderParts, type TokenNorm } from "../text-encoder/text-encoder.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { answerLogits } from "./answer-logits.ts";
import { ClassificationHead, type ClassificationHeadOptions } from "./classification-head.ts";
import { MaskedLMHead, type MaskedLMHeadOptions } from "./masked-lm-head.ts";

/** Masked words and next sentences together. §3.1, "Pre-training BERT". */
export abstract class PreTraining<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly predictions: MaskedLMHead;
  readonly nextSentence: Linear;

  constructor(parts: TextEncoderParts<Config>) {
    super(parts, "ForPreTraining");
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

  constructor(parts: TextEncoderParts<Config>, head?: MaskedLMHeadOptions) {
    super(parts, "ForMaskedLM");
    this.predictions = new MaskedLMHead(this, head);
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
    super(parts, "ForNextSentencePrediction");
    this.nextSentence = new Linear(this.config.hiddenSize, 2);
  }

  /** text pairs (B, N) → logits of 0 = the second is next, 1 = it is a random one (B, 2) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.nextSentence.forward(this.pool(this.encode(text, options))));
  }
}

/** Dropout before a classifier of this config. */
export const classifierDropoutOf = ({ classifierDropout, hiddenDropoutProb }: TextEncoderConfig): number =>
  classifierDropout ?? hiddenDropoutProb;

/** What comes before the outputs, if anything does; dropout, and an output for each of the config's classes. */
abstract class Classification<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly transform: TokenNorm | undefined;
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(parts: TextEncoderParts<Config>, rng: Rng, head: string, transform?: TokenNorm) {
    super(parts, head);
    this.transform = transform;
    this.dropout = new Dropout(classifierDropoutOf(this.config), rng);
    this.classifier = new Linear(this.config.hiddenSize, Object.keys(this.config.id2label).length);
  }

  /** (…, D) → (…, labels) */
  protected classify(x: Tensor): Tensor {
    return this.classifier.forward(this.dropout.forward(this.transform?.forward(x) ?? x));
  }
}

/** Classes of whole texts. §4.1. */
export abstract class SequenceClassification<Config extends TextEncoderConfig> extends Classification<Config> {
  /** @param transform of a pooled text. Default: none */
  constructor(parts: TextEncoderParts<Config>, rng: Rng, transform?: TokenNorm) {
    super(parts, rng, "ForSequenceClassification", transform);
  }

  /** text (B, N) → logits (B, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.classify(this.pool(this.encode(text, options), text.attentionMask)));
  }
}

/** Classes of whole texts, by a head of two layers on the first token. Liu et al. 2019, and the authors' code. */
export abstract class FirstTokenClassification<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly classifier: ClassificationHead;

  constructor(
    parts: TextEncoderParts<Config>,
    rng: Rng,
    options: Pick<ClassificationHeadOptions, "activation" | "inputDropout" | "dropout">,
  ) {
    super(parts, "ForSequenceClassification");
    const { hiddenSize, id2label } = this.config;
    this.classifier = new ClassificationHead({ hiddenSize, classes: Object.keys(id2label).length, ...options }, rng);
  }

  /** text (B, N) → logits (B, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.classifier.forward(this.encode(text, options)));
  }
}

/** Classes of single tokens. §5.3. */
export abstract class TokenClassification<Config extends TextEncoderConfig> extends Classification<Config> {
  /** @param transform of a token. Default: none */
  constructor(parts: TextEncoderParts<Config>, rng: Rng, transform?: TokenNorm) {
    super(parts, rng, "ForTokenClassification", transform);
  }

  /** text (B, N) → logits (B, N, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.classify(this.encode(text, options)));
  }
}

/** Where in a text an answer stands. §4.2. */
export abstract class QuestionAnswering<Config extends TextEncoderConfig> extends TextEncoder<Config> {
  readonly transform: TokenNorm | undefined;
  readonly dropout: Dropout | undefined;
  readonly qaOutputs: Linear;

  /** @param dropout on the tokens. Default: none @param transform of a token, before that. Default: none */
  constructor(parts: TextEncoderParts<Config>, dropout?: Dropout, transform?: TokenNorm) {
    super(parts, "ForQuestionAnswering");
    this.transform = transform;
    this.dropout = dropout;
    this.qaOutputs = new Linear(this.config.hiddenSize, 2);
  }

  /** question and context (B, N) → logits of the answer's first and last token, both (B, N) */
  forward(text: TextInput, options?: TraceOptions): { readonly startLogits: Tensor; readonly endLogits: Tensor } {
    return blockScope(() => {
      const tokens = this.encode(text, options); //                         (B, N, D)
      const x = this.transform?.forward(tokens) ?? tokens;
      return answerLogits(this.qaOutputs.forward(this.dropout?.forward(x) ?? x));
    });
  }
}
