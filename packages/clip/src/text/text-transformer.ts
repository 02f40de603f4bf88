/**
 * CLIP's text encoder: a Transformer with GPT-2's changes (pre-norm, causal mask), whose feature is the last layer's at [EOS], normed and
 * projected; open_clip has it without the mask, and with other tokens' features. Radford et al. 2021, §2.4. B texts of N tokens, D hidden size.
 */
import {
  type AttentionContext,
  Embedding,
  fillNormal,
  LayerNorm,
  Linear,
  paddingMask,
  Parameter,
  type PreNormBlock,
  type Rng,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkInts, checkOptions, runBlocks, traceRules } from "@x/layers/model";
import { type CLIPTextConfig, type TextPooling, textPoolingOf } from "../config.ts";
import { clipBlocks, initializeBlocks } from "../transformer.ts";
import { poolText } from "./text-pooling.ts";
import { CLIPTextEncoder } from "./clip-text-encoder.ts";
import { embedTokens } from "./embed-tokens.ts";

export class TextTransformer extends CLIPTextEncoder {
  readonly config: CLIPTextConfig;
  readonly tokenEmbed: Embedding;
  /** (maxPositionEmbeddings, D) */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly proj: Linear;
  readonly #pooling: TextPooling;

  constructor(config: CLIPTextConfig, projectionDim: number, rng: Rng) {
    super();
    const { vocabSize, hiddenSize, maxPositionEmbeddings, layerNormEps } = (this.config = config);
    this.tokenEmbed = new Embedding(vocabSize, hiddenSize);
    this.posEmbed = new Parameter([maxPositionEmbeddings, hiddenSize]);
    this.blocks = clipBlocks(config, rng);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.proj = new Linear(hiddenSize, projectionDim, { bias: false });
    this.#pooling = textPoolingOf(config);
  }

  override get fixedLength(): number | undefined {
    return this.#pooling === "last" || !this.config.causal ? this.config.maxPositionEmbeddings : undefined;
  }

  /** inputIds (B, N) → tokens (B, N, D). @throws ShapeError when a text is longer than there are positions */
  encode(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    checkOptions("TextTransformer", options, traceRules);
    checkInts("TextTransformer", { inputIds }, { attentionMask });
    const mask = attentionMask && paddingMask(attentionMask); //                        (B, 1, N)
    const context: AttentionContext = { causal: this.config.causal, ...(mask && { mask }), ...options };
    const x = embedTokens("TextTransformer", this, inputIds); // (B, N, D)
    return runBlocks(this.blocks, x, context);
  }

  override forward(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      const tokens = this.encode(inputIds, attentionMask, options); //                   (B, N, D)
      const pooled = poolText(tokens, inputIds, this.#pooling, this.config.eosTokenId); // (B, D)
      return this.proj.forward(this.norm.forward(pooled)); //                            (B, projectionDim)
    });
  }

  /** As OpenAI's code: tokens from N(0, 0.02²), positions from N(0, 0.01²), the projection from N(0, 1/D). */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    const { hiddenSize } = this.config;
    fillNormal(this.posEmbed, rng, 0.01);
    fillNormal(this.proj.weight, rng, hiddenSize ** -0.5);
    initializeBlocks(this.blocks, hiddenSize, rng);
    return this;
  }
}
