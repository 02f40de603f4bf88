import {
  type AttentionContext,
  fillNormal,
  type Labels,
  paddingMask,
  type PostNormBlock,
  type Rng,
  type Tensor,
  TensorError,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkInts, type Head, numbered, PretrainedModel, runBlocks } from "@x/layers/model";
import type { Pooler } from "./pooler.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { TextEmbeddings } from "./embeddings.ts";
import type { TextInput } from "./text-input.ts";

/** What all text encoders have in their config. */
export interface TextEncoderConfig {
  readonly hiddenSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  /** Dropout before a classifier; null: `hiddenDropoutProb`. */
  readonly classifierDropout?: number | null | undefined;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly padTokenId: number;
  /** Class names by number. */
  readonly id2label: Labels;
}

/** What an encoder is made of; a family makes them from its config. */
export interface TextEncoderParts<Config> {
  readonly config: Config;
  readonly embeddings: TextEmbeddings;
  readonly blocks: readonly PostNormBlock<AttentionContext>[];
  readonly pooler?: Pooler | undefined;
  /** Whether padding changes what a text becomes, as the Fourier transform's does. Default false. */
  readonly padsMatter?: boolean | undefined;
}

/** What saving needs of a model. */
export interface TextEncoderModel<Config> {
  readonly config: Config;
  /** Hugging Face's name for the class. */
  readonly architecture: string;
  tokenizer: Tokenizer | undefined;
}

/** What BERT and FNet have in common: embeddings and post-norm blocks. B texts of N tokens, D hidden size. */
export abstract class TextEncoder<Config extends TextEncoderConfig> extends PretrainedModel<Config> implements TextEncoderModel<Config> {
  /** Hugging Face's name for the class. */
  abstract readonly architecture: string;
  /** The checkpoint's, for tasks; undefined when none lay beside it. */
  tokenizer: Tokenizer | undefined;
  readonly embeddings: TextEmbeddings;
  readonly blocks: readonly PostNormBlock<AttentionContext>[];
  readonly pooler: Pooler | undefined;
  /** Whether tasks put only texts of one length together. */
  readonly padsMatter: boolean;

  constructor(parts: TextEncoderParts<Config>) {
    const { config, embeddings, blocks, pooler, padsMatter = false } = parts;
    super(config);
    this.embeddings = embeddings;
    this.blocks = blocks;
    this.pooler = pooler;
    this.padsMatter = padsMatter;
  }

  /** text (B, N) → tokens (B, N, D). Where there is attention, padding isn't seen by it. */
  encode(text: TextInput, options: TraceOptions = {}): Tensor {
    const { inputIds, tokenTypeIds, attentionMask } = text;
    checkInts(this.architecture, { inputIds }, { attentionMask, tokenTypeIds });
    return blockScope(() => {
      const mask = attentionMask && paddingMask(attentionMask); //                  (B, 1, N)
      const embedded = this.embeddings.forward(inputIds, tokenTypeIds); //          (B, N, D)
      return runBlocks(this.blocks, embedded, { mask, trace: options.trace });
    });
  }

  /** tokens (B, N, D) → the whole texts (B, D). @throws TensorError when the model has no pooler, as in Hugging Face's library `BertForMaskedLM` has none */
  pool(tokens: Tensor): Tensor {
    if (!this.pooler) throw new TensorError(`pool: ${this.architecture} has no pooler`);
    return this.pooler.forward(tokens);
  }

  /** N(0, `initializerRange`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0: BERT's authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initializerRange);
    const { padTokenId, hiddenSize } = this.config;
    this.embeddings.wordEmbeddings.weight.data.fill(0, padTokenId * hiddenSize, (padTokenId + 1) * hiddenSize);
    return this;
  }
}

/** A linear layer called `classifier`. */
export const classifierHead: Head<{ readonly id2label: Labels }> = {
  parameters: ["classifier.*"],
  classes: (names) => ({ id2label: numbered(names) }),
};

/** What a checkpoint of a text encoder may lack, such as one that was trained for something else: the pooler and the heads, as in Hugging Face's library. */
export const poolerAndHeads: readonly string[] = ["pooler.*", "predictions.*", "nextSentence.*", "classifier.*", "qaOutputs.*"];
