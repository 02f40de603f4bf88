/** SigLIP's text tower: CLIP's Transformer without the causal mask, whose feature is the last token's, padding or not. Zhai et al. 2023, §4. */
import {
  type AttentionContext,
  Embedding,
  fillNormal,
  LayerNorm,
  Linear,
  paddingMask,
  Parameter,
  type PreNormBlock,
  reshape,
  type Rng,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkInts, checkOptions, runBlocks, traceRules } from "@x/layers/model";
import { CLIPTextEncoder } from "../text/clip-text-encoder.ts";
import { clipBlocks } from "../transformer.ts";
import type { SigLIPTextConfig } from "./config.ts";
import { embedTokens } from "../text/embed-tokens.ts";

export class SigLIPTextTower extends CLIPTextEncoder {
  readonly config: SigLIPTextConfig;
  readonly tokenEmbed: Embedding;
  /** (maxPositionEmbeddings, D) */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly head: Linear;

  constructor(config: SigLIPTextConfig, rng: Rng) {
    super();
    const { vocabSize, hiddenSize, maxPositionEmbeddings, layerNormEps, projectionSize } = (this.config = config);
    this.tokenEmbed = new Embedding(vocabSize, hiddenSize);
    this.posEmbed = new Parameter([maxPositionEmbeddings, hiddenSize]);
    this.blocks = clipBlocks(config, rng);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.head = new Linear(hiddenSize, projectionSize);
  }

  /** inputIds (B, N) → tokens (B, N, D), normed. @throws ShapeError when a text is longer than there are positions */
  encode(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    checkOptions("SigLIPTextTower", options, traceRules);
    checkInts("SigLIPTextTower", { inputIds }, { attentionMask });
    const x = embedTokens("SigLIPTextTower", this, inputIds); // (B, N, D)
    const mask = attentionMask && paddingMask(attentionMask); //                            (B, 1, N)
    return this.norm.forward(runBlocks(this.blocks, x, { ...(mask && { mask }), ...options }));
  }

  /** inputIds (B, N) → features (B, projectionSize), not yet of length 1, from the last token of each text. SigLIP was trained without a mask. */
  override forward(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      const tokens = this.encode(inputIds, attentionMask, options); //                     (B, N, D)
      const [batch = 0, length = 0, width = 0] = tokens.shape;
      return this.head.forward(reshape(slice(tokens, 1, length - 1), [batch, width])); // (B, projectionSize)
    });
  }

  /** Xavier-uniform matrices; tokens and positions from N(0, 1/D). As the authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const table of [this.tokenEmbed.weight, this.posEmbed]) fillNormal(table, rng, this.config.hiddenSize ** -0.5);
    return this;
  }
}
