/**
 * Sentence embeddings: "Sentence-BERT", Reimers & Gurevych 2019. What sentence-transformers repositories declare: MiniLM, BGE, E5, GTE, all-mpnet's BERT kin.
 */
import { normalize, type Rng, type Tensor, type TraceOptions } from "@x/layers";
import { blockScope, PretrainedModel } from "@x/layers/model";
import { BertEncoder } from "../bert/bert.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { sentenceEncoderConfig, type SentenceEncoderConfig } from "./config.ts";
import { Dense } from "./dense.ts";
import { sentenceEncoderFamily } from "./family.ts";
import { type PoolingMode, poolTokens } from "./pooling.ts";

/** A text encoder, pooling, and what comes after: one vector a text. */
export class SentenceEncoder extends PretrainedModel<SentenceEncoderConfig> {
  static readonly family: typeof sentenceEncoderFamily = sentenceEncoderFamily;
  /** The checkpoint's; undefined when none lay beside it. */
  tokenizer: Tokenizer | undefined;
  readonly encoder: BertEncoder;
  readonly pooling: readonly PoolingMode[];
  readonly dense: readonly Dense[];
  /** Whether vectors have length 1. */
  readonly normalizes: boolean;
  /** Most tokens of a text, special ones included. */
  readonly maxLength: number;
  /** What to put before a text by its use, as the repository declares: `{ query: "query: " }`. */
  readonly prompts: Readonly<Record<string, string>>;

  constructor(config: Partial<SentenceEncoderConfig>, rng: Rng) {
    super(sentenceEncoderConfig(config));
    const { pooling, dense, normalizes, maxLength, prompts, ...bert } = this.config;
    this.encoder = new BertEncoder(bert, rng);
    this.pooling = pooling;
    this.dense = dense.map((layer) => new Dense(layer));
    this.normalizes = normalizes;
    this.maxLength = maxLength;
    this.prompts = prompts;
  }

  /** text (B, N) → vectors (B, D) */
  forward(text: TextInput & Required<Pick<TextInput, "attentionMask">>, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      let x = poolTokens(this.encoder.encode(text, options), text.attentionMask, this.pooling); // (B, D)
      for (const layer of this.dense) x = layer.forward(x);
      return this.normalizes ? normalize(x) : x;
    });
  }

  /** inputIds (B, N) and attentionMask (B, N), 1 for a token → vectors (B, D) */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">): Tensor {
    return this.forward({ inputIds, attentionMask });
  }
}
