/**
 * Sentence embeddings: "Sentence-BERT", Reimers & Gurevych 2019. What sentence-transformers repositories declare: MiniLM, all-mpnet, BGE, E5, GTE.
 */
import { intTensor, type Rng, type Tensor, type Trace } from "@x/layers";
import { blockScope, checkInts, checkOptions, PretrainedModel, type RulesOf, traceRules, wholeFrom } from "@x/layers/model";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import type { TextEncoder } from "../text-encoder/text-encoder.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { type SentenceEncoderConfig, sentenceSettings } from "./config.ts";
import { Dense } from "./dense.ts";
import { encoderOf } from "./encoders.ts";
import { sentenceEncoderFamily } from "./family.ts";
import { neverEmpty, type PoolingMode, poolTokens, unitLength } from "./pooling.ts";

const forwardRules: RulesOf<NonNullable<Parameters<SentenceEncoder["forward"]>[1]>> = { ...traceRules, promptLength: wholeFrom(0) };

/** A text encoder, pooling, and what comes after: one vector a text. */
export class SentenceEncoder extends PretrainedModel<SentenceEncoderConfig> {
  static readonly family: typeof sentenceEncoderFamily = sentenceEncoderFamily;
  /** The checkpoint's; undefined when none lay beside it. */
  tokenizer: Tokenizer | undefined;
  readonly encoder: TextEncoder<TextEncoderConfig>;
  readonly pooling: readonly PoolingMode[];
  /** Whether the tokens of a prompt are pooled with those of the text. */
  readonly includePrompt: boolean;
  readonly dense: readonly Dense[];
  /** Whether vectors have length 1. */
  readonly normalizes: boolean;
  /** How many of a vector's numbers `embedText` gives; undefined: all. */
  readonly truncateDim: number | undefined;
  /** Whether a tokenizer that comes with the model lower-cases texts before anything else. */
  readonly lowerCases: boolean;
  /** What to put before a text by its use, as the repository declares: `{ query: "query: " }`. */
  readonly prompts: Readonly<Record<string, string>>;
  /** What `embedText` puts before a text where nothing is said. */
  readonly defaultPrompt: string | undefined;
  readonly #mostTokens: number | undefined;

  constructor(config: Partial<SentenceEncoderConfig>, rng: Rng) {
    const settings = sentenceSettings(config);
    const {
      pooling,
      includePrompt,
      dense,
      normalizes,
      truncateDim,
      maxLength,
      lowerCases,
      prompts,
      defaultPromptName,
      similarityFnName: _whoeverCompares,
      ...shape
    } = {
      ...config,
      ...settings,
    };
    const encoder = encoderOf(shape, rng);
    super({ ...encoder.config, ...settings });
    this.encoder = encoder;
    this.pooling = pooling;
    this.includePrompt = includePrompt;
    this.dense = dense.map((layer) => new Dense(layer));
    this.normalizes = normalizes;
    this.truncateDim = truncateDim;
    this.#mostTokens = maxLength;
    this.lowerCases = lowerCases;
    this.prompts = prompts;
    this.defaultPrompt = defaultPromptName === undefined ? undefined : prompts[defaultPromptName];
  }

  /** Most tokens of a text, special ones included: what the files say, else the tokenizer, but never more than there are positions. */
  get maxLength(): number {
    return Math.min(this.#mostTokens ?? this.tokenizer?.maxLength ?? Infinity, this.maxPositions);
  }

  /** Most tokens of a text that the encoder has positions for. */
  get maxPositions(): number {
    return this.encoder.maxPositions;
  }

  /** text (B, N) → vectors (B, D). @param options.promptLength how many tokens a prompt has that each text begins with. Default 0 */
  forward(text: TextInput, options: { readonly trace?: Trace | undefined; readonly promptLength?: number | undefined } = {}): Tensor {
    checkOptions("SentenceEncoder", options, forwardRules);
    const { promptLength = 0, trace } = options;
    checkInts("SentenceEncoder", { inputIds: text.inputIds }, { attentionMask: text.attentionMask });
    return blockScope(() => {
      const attentionMask = text.attentionMask ?? intTensor(new Int32Array(text.inputIds.size).fill(1), text.inputIds.shape);
      const tokens = this.encoder.encode({ ...text, attentionMask: neverEmpty(attentionMask) }, { trace }); // (B, N, D)
      let x = poolTokens(tokens, attentionMask, this.pooling, this.includePrompt ? 0 : promptLength); // (B, D)
      for (const layer of this.dense) x = layer.forward(x);
      return this.normalizes ? unitLength(x) : x;
    });
  }

  /** inputIds (B, N) and attentionMask (B, N), 1 for a token → vectors (B, D). Options as `forward` has them. */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">, options?: Parameters<SentenceEncoder["forward"]>[1]): Tensor {
    return this.forward({ inputIds, attentionMask }, options);
  }
}
