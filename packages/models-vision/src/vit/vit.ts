/**
 * Vision Transformer: "An Image is Worth 16x16 Words", Dosovitskiy et al. 2021, with DeiT's distillation token (Touvron et al. 2021).
 * B images, C channels, H × W pixels, P patch side, N = HW / P² patches, D hidden size, T special tokens before the patches (1, or 2 if distilled).
 */
import {
  add,
  type AttentionContext,
  broadcastTo,
  concat,
  Dropout,
  dropPathRate,
  fillTruncatedNormal,
  fillZeros,
  LayerNorm,
  Linear,
  mean,
  Parameter,
  PatchEmbedding,
  type PreNormBlock,
  reshape,
  type Rng,
  scaleAndShift,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkImages, classesOf, preNormBlock, PretrainedModel, resamplePositions, runBlocks } from "@x/layers/model";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor } from "../image/pretrained-processor.ts";
import { type ViTConfig, viTDefaults } from "./config.ts";
import { viTFamily } from "./family.ts";

export class ViT extends PretrainedModel<ViTConfig> {
  static readonly family: typeof viTFamily = viTFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly clsToken: Parameter;
  readonly distToken: Parameter | undefined;
  readonly posEmbed: Parameter;
  readonly dropout: Dropout;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly head: Linear | undefined;
  readonly headDist: Linear | undefined;

  constructor(config: Partial<ViTConfig>, rng: Rng) {
    super({ ...viTDefaults, ...config, ...classesOf(config, viTDefaults.numLabels) });
    const { imageSize, patchSize, hiddenSize, numHiddenLayers: depth, numLabels, ...c } = this.config;
    this.processor = new ImageProcessor(defaultProcessor(imageSize));
    this.patchEmbed = new PatchEmbedding(c.numChannels, patchSize, hiddenSize);
    this.clsToken = new Parameter([1, 1, hiddenSize]);
    this.distToken = c.distilled ? new Parameter([1, 1, hiddenSize]) : undefined;
    this.posEmbed = new Parameter([1, this.specialTokens.length + Math.floor(imageSize / patchSize) ** 2, hiddenSize]);
    this.dropout = new Dropout(c.hiddenDropoutProb, rng);
    this.blocks = Array.from({ length: depth }, (_, i) => preNormBlock(this.config, rng, dropPathRate(c.dropPathRate, i, depth)));
    this.norm = new LayerNorm(hiddenSize, c.layerNormEps);
    this.head = numLabels > 0 ? new Linear(hiddenSize, numLabels) : undefined;
    this.headDist = this.head && this.distToken && new Linear(hiddenSize, numLabels);
  }

  /** The T tokens before the patches. */
  get specialTokens(): Parameter[] {
    return this.distToken ? [this.clsToken, this.distToken] : [this.clsToken];
  }

  /** images (B, C, H, W) → tokens (B, T + N, D), the class token first. */
  encode(images: Tensor, options: TraceOptions = {}): Tensor {
    const x = runBlocks(this.blocks, this.embed(images), options); //       (B, T + N, D), eqs. 2, 3
    return this.config.pooling === "mean" ? x : this.norm.forward(x);
  }

  /** images (B, C, H, W) → [cls; patches] + positions (B, T + N, D). Eq. 1. */
  embed(images: Tensor): Tensor {
    checkImages("ViT", images, this.config.numChannels);
    const [batch = 0, , height = 0, width = 0] = images.shape;
    const { patchSize, hiddenSize, positionInterpolation } = this.config;
    const patches = this.patchEmbed.forward(images); //                     (B, N, D)
    const specials = this.specialTokens.map((token) => broadcastTo(token, [batch, 1, hiddenSize])); // T of (B, 1, D)
    const grid = [height / patchSize, width / patchSize] as const;
    const positions = resamplePositions(this.posEmbed, this.specialTokens.length, grid, positionInterpolation);
    return this.dropout.forward(add(concat([...specials, patches], 1), positions));
  }

  /** tokens (B, T + N, D) → what the head sees (B, D): the class token, or the normed mean of the patches. Eq. 4. */
  pool(tokens: Tensor): Tensor {
    return this.config.pooling === "mean" ? this.norm.forward(mean(slice(tokens, 1, this.specialTokens.length), 1)) : tokenAt(tokens, 0);
  }

  /** images (B, C, H, W) → logits (B, numLabels), or the pooled (B, D) of a model without a head. */
  forward(images: Tensor, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      const tokens = this.encode(images, options); //                       (B, T + N, D)
      const pooled = this.pool(tokens); //                                  (B, D)
      const logits = this.head?.forward(pooled) ?? pooled; //               (B, numLabels)
      if (!this.headDist) return logits;
      const distilled = this.headDist.forward(tokenAt(tokens, 1));
      return scaleAndShift(add(logits, distilled), 0.5, 0); //              DeiT §3: both heads count alike
    });
  }

  /** Truncated normal (deviation `initializerRange`) for matrices, tokens and positions; zero biases; a head of zeros, §3.2. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const [path, parameter] of this.namedParameters()) {
      if (path.startsWith("head")) fillZeros(parameter);
      else if (parameter.shape.length > 1) fillTruncatedNormal(parameter, rng, this.config.initializerRange);
    }
    return this;
  }
}

/** tokens (B, T + N, D) → one of them (B, D) */
const tokenAt = (tokens: Tensor, place: number): Tensor => reshape(slice(tokens, 1, place, place + 1), [tokens.shape[0] ?? 0, -1]);
