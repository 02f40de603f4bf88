import {
  type AttentionContext,
  Embedding,
  LayerNorm,
  type Linear,
  paddingMask,
  Parameter,
  type PreNormBlock,
  type Rng,
  ShapeError,
  add,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkInts, checkOptions, runBlocks, traceRules } from "@x/layers/model";
import type { CLIPTransformerConfig, TextPooling } from "../config.ts";
import { clipBlocks } from "../transformer.ts";
import { CLIPTextEncoder } from "./clip-text-encoder.ts";
import { poolText } from "./text-pooling.ts";

/** The shape of a Transformer that reads. */
export interface TextTowerConfig extends CLIPTransformerConfig {
  readonly vocabSize: number;
  /** Most tokens of a text. */
  readonly maxPositionEmbeddings: number;
}

export interface TextTowerParts {
  /** D → projectionDim */
  readonly proj: Linear;
  /** Whether a token sees only those before it. */
  readonly causal: boolean;
  /** Which token's feature stands for the text. */
  readonly pooling: TextPooling;
  /** The id that "eos" looks for. */
  readonly eosTokenId?: number | undefined;
}

/** Tokens and positions, pre-norm blocks, and the feature of one token, normed and projected: what CLIP's and SigLIP's text encoders are. B texts of N tokens, D hidden size. */
export abstract class TextTower<Config extends TextTowerConfig> extends CLIPTextEncoder {
  readonly config: Config;
  readonly tokenEmbed: Embedding;
  /** (maxPositionEmbeddings, D) */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly proj: Linear;
  readonly #parts: TextTowerParts;

  constructor(config: Config, parts: TextTowerParts, rng: Rng) {
    super();
    const { vocabSize, hiddenSize, maxPositionEmbeddings, layerNormEps } = (this.config = config);
    this.tokenEmbed = new Embedding(vocabSize, hiddenSize);
    this.posEmbed = new Parameter([maxPositionEmbeddings, hiddenSize]);
    this.blocks = clipBlocks(config, rng);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.proj = parts.proj;
    this.#parts = parts;
  }

  override get fixedLength(): number | undefined {
    const { causal, pooling } = this.#parts;
    return pooling === "last" || !causal ? this.config.maxPositionEmbeddings : undefined;
  }

  /** inputIds (B, N) → tokens (B, N, D), not yet normed. @throws ShapeError when a text is longer than there are positions */
  encode(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    const { name } = this.constructor;
    checkOptions(name, options, traceRules);
    checkInts(name, { inputIds }, { attentionMask });
    const { maxPositionEmbeddings } = this.config;
    const [, length = 0] = inputIds.shape;
    if (inputIds.shape.length !== 2 || length > maxPositionEmbeddings)
      throw new ShapeError(name, `inputIds must be (B, N) with N at most ${maxPositionEmbeddings}`, { inputIds: inputIds.shape });
    const mask = attentionMask && paddingMask(attentionMask); //                        (B, 1, N)
    const x = add(this.tokenEmbed.forward(inputIds), slice(this.posEmbed, 0, 0, length)); // (B, N, D)
    return runBlocks(this.blocks, x, { causal: this.#parts.causal, ...(mask && { mask }), ...options });
  }

  /** inputIds (B, N) → features (B, projectionDim), not yet of length 1. */
  override forward(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    const { pooling, eosTokenId = -1 } = this.#parts;
    return blockScope(() => {
      const tokens = this.encode(inputIds, attentionMask, options); //                   (B, N, D)
      return this.proj.forward(this.norm.forward(poolText(tokens, inputIds, pooling, eosTokenId))); // (B, projectionDim)
    });
  }
}
