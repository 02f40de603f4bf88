/**
 * ModernBERT: "Smarter, Better, Faster, Longer: A Modern Bidirectional Encoder", Warner et al. 2024. Norms first, rotary positions, gated feed-forward networks, and
 * two layers of three whose tokens see those nearby only.
 */
import {
  ArgumentError,
  Dropout,
  fillZeros,
  linear,
  Linear,
  Parameter,
  reshape,
  type Rng,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { blockScope, completed } from "@x/layers/model";
import { answerLogits } from "../heads/answer-logits.ts";
import { classifierDropoutOf } from "../heads/text-encoders-with-heads.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { modernBertChoices, type ModernBertConfig, modernBertDefaults } from "./config.ts";
import { modernBertFamily } from "./family.ts";
import { ModernBertBlock, ModernBertEmbeddings, normOf, PredictionHead } from "./layers.ts";
import { meanOfTokens } from "./mean-of-tokens.ts";

export function modernBertParts(given: Partial<ModernBertConfig>, rng: Rng): TextEncoderParts<ModernBertConfig> {
  const config = completed("ModernBERT", modernBertDefaults, given, modernBertChoices);
  const { layerTypes, numHiddenLayers } = config;
  if (layerTypes.length > 0 && layerTypes.length < numHiddenLayers)
    throw new ArgumentError("ModernBERT", `layerTypes names each of ${numHiddenLayers} layers, or none`, `names ${layerTypes.length}`);
  const isLocal = (layer: number): boolean => (layerTypes.length > 0 ? layerTypes[layer] === "sliding_attention" : layer % 3 > 0);
  return {
    name: "ModernBert",
    config,
    embeddings: new ModernBertEmbeddings(config, rng),
    blocks: Array.from({ length: numHiddenLayers }, (_, i) => new ModernBertBlock(config, i, isLocal(i), rng)),
    norm: normOf(config),
  };
}

/** The encoder alone: `ModernBertModel`. */
export class ModernBert extends TextEncoder<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    super(modernBertParts(config, rng));
  }
}

export class ModernBertForMaskedLM extends TextEncoder<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;
  readonly predictions: PredictionHead;
  /** (vocabulary, D), where the output layer has weights of its own. */
  readonly decoder: Parameter | undefined;
  readonly bias: Parameter | undefined;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    super(modernBertParts(config, rng), "ForMaskedLM");
    const { vocabSize, hiddenSize, tieWordEmbeddings, decoderBias } = this.config;
    this.predictions = new PredictionHead(this.config);
    this.decoder = tieWordEmbeddings === false ? new Parameter([vocabSize, hiddenSize]) : undefined;
    this.bias = decoderBias ? new Parameter([vocabSize]) : undefined;
  }

  /** The word embeddings, where they are the output layer's weights as well. */
  override get tiedParameters(): readonly Parameter[] {
    return this.decoder ? [] : [this.embeddings.wordEmbeddings.weight];
  }

  /** text (B, N) → logits of words (B, N, vocabSize) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => {
      const x = this.predictions.forward(this.encode(text, options)); //    (B, N, D)
      return linear(x, this.decoder ?? this.embeddings.wordEmbeddings.weight, this.bias);
    });
  }

  override initialize(rng: Rng): this {
    super.initialize(rng);
    if (this.bias) fillZeros(this.bias);
    return this;
  }
}

/** Head, dropout, and an output for each class. */
abstract class Classification extends TextEncoder<ModernBertConfig> {
  readonly predictions: PredictionHead;
  readonly dropout: Dropout;
  readonly classifier: Linear;

  constructor(config: Partial<ModernBertConfig>, rng: Rng, head: string) {
    super(modernBertParts(config, rng), head);
    this.predictions = new PredictionHead(this.config);
    this.dropout = new Dropout(classifierDropoutOf(this.config), rng);
    this.classifier = new Linear(this.config.hiddenSize, Object.keys(this.config.id2label).length);
  }

  /** (…, D) → (…, labels) */
  protected classify(x: Tensor): Tensor {
    return this.classifier.forward(this.dropout.forward(this.predictions.forward(x)));
  }
}

export class ModernBertForSequenceClassification extends Classification {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    super(config, rng, "ForSequenceClassification");
  }

  /** text (B, N) → logits (B, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => {
      const tokens = this.encode(text, options); //                         (B, N, D)
      const isFirst = this.config.classifierPooling === "cls";
      return this.classify(
        isFirst ? reshape(slice(tokens, 1, 0, 1), [-1, this.config.hiddenSize]) : meanOfTokens(tokens, text.attentionMask),
      );
    });
  }
}

export class ModernBertForTokenClassification extends Classification {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    super(config, rng, "ForTokenClassification");
  }

  /** text (B, N) → logits (B, N, labels) */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.classify(this.encode(text, options)));
  }
}

export class ModernBertForQuestionAnswering extends Classification {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    super({ ...config, id2label: { 0: "LABEL_0", 1: "LABEL_1" } }, rng, "ForQuestionAnswering");
  }

  /** question and context (B, N) → logits of the answer's first and last token, both (B, N) */
  forward(text: TextInput, options?: TraceOptions): { readonly startLogits: Tensor; readonly endLogits: Tensor } {
    return blockScope(() => answerLogits(this.classify(this.encode(text, options))));
  }
}
