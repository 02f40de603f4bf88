/**
 * Swin Transformer: "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", Liu et al. 2021.
 * B images, H × W the map of tokens at a stage, C the first stage's width, M the side of a window.
 */
import {
  add,
  Dropout,
  fillTruncatedNormal,
  fillZeros,
  LayerNorm,
  Linear,
  mean,
  Parameter,
  PatchEmbedding,
  type Rng,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import {
  blockScope,
  checkImages,
  checkOptions,
  classesOf,
  patchCount,
  patchGrid,
  PretrainedModel,
  resamplePositions,
  traceRules,
} from "@x/layers/model";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor } from "../image/pretrained-processor.ts";
import { type SwinConfig, swinConfig, swinDefaults } from "./config.ts";
import { swinFamily } from "./family.ts";
import { padEnd } from "./pad-end.ts";
import { type SwinStage, swinStage, type TokenMap } from "./stage.ts";

export class Swin extends PretrainedModel<SwinConfig> {
  static readonly family: typeof swinFamily = swinFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly patchNorm: LayerNorm;
  readonly posEmbed: Parameter | undefined;
  readonly dropout: Dropout;
  readonly stages: SwinStage[];
  readonly norm: LayerNorm;
  readonly head: Linear | undefined;

  /** @param stageOf makes the stages, in which versions of Swin differ @param complete fills in a version's settings */
  constructor(config: Partial<SwinConfig>, rng: Rng, stageOf: typeof swinStage = swinStage, complete: typeof swinConfig = swinConfig) {
    super(complete({ ...config, ...classesOf(config, swinDefaults.numLabels) }));
    const c = this.config;
    this.processor = new ImageProcessor(defaultProcessor(c.imageSize, c.numChannels));
    const numFeatures = c.embedDim * 2 ** (c.depths.length - 1);
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.embedDim);
    this.patchNorm = new LayerNorm(c.embedDim, 1e-5);
    this.posEmbed = c.useAbsoluteEmbeddings ? new Parameter([1, patchCount(c.imageSize, c.patchSize), c.embedDim]) : undefined;
    this.dropout = new Dropout(c.hiddenDropoutProb, rng);
    this.stages = c.depths.map((_, stage) => stageOf(c, stage, rng));
    this.norm = new LayerNorm(numFeatures, c.layerNormEps);
    this.head = c.numLabels > 0 ? new Linear(numFeatures, c.numLabels) : undefined;
  }

  /** images (B, 3, H, W) → the last stage's tokens, normed: (B, H/32 · W/32, 8C). */
  encode(images: Tensor, options: TraceOptions = {}): Tensor {
    checkOptions("Swin", options, traceRules);
    let map = this.embed(images);
    for (const stage of this.stages) map = stage.forward(map, options);
    options.trace?.addHiddenState(map.tokens);
    return this.norm.forward(map.tokens);
  }

  /** images (B, 3, H, W) → every stage's map: C, 2C, 4C, 8C wide at 1/4, 1/8, 1/16, 1/32 of the image. For detection and segmentation. */
  features(images: Tensor, options: TraceOptions = {}): TokenMap[] {
    checkOptions("Swin", options, traceRules);
    return blockScope(() => {
      let map = this.embed(images);
      return this.stages.map((stage) => (map = stage.forward(map, options)));
    });
  }

  /** images (B, 3, H, W) → patches (B, H/4 · W/4, C), normed. Images that patches don't fit are padded with zeros below and to the right. */
  embed(images: Tensor): TokenMap {
    checkImages("Swin", images, this.config.numChannels);
    const { patchSize } = this.config;
    const [, , height = 0, width = 0] = images.shape;
    const [down, across] = [Math.ceil(height / patchSize), Math.ceil(width / patchSize)];
    const padded = padEnd(padEnd(images, 3, across * patchSize), 2, down * patchSize);
    const patches = this.patchNorm.forward(this.patchEmbed.forward(padded));
    const grid = patchGrid(this.config.imageSize, patchSize);
    const tokens = this.posEmbed ? add(patches, resamplePositions(this.posEmbed, 0, grid, [down, across], "cubic")) : patches;
    return { tokens: this.dropout.forward(tokens), size: [down, across] };
  }

  /** tokens (B, N, 8C) → what the head sees (B, 8C): their mean. */
  pool(tokens: Tensor): Tensor {
    return mean(tokens, 1);
  }

  /** images (B, 3, H, W) → logits (B, numLabels), or the mean token (B, 8C) of a model without a head. */
  forward(images: Tensor, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      const pooled = this.pool(this.encode(images, options)); // (B, 8C)
      return this.head?.forward(pooled) ?? pooled;
    });
  }

  /** Truncated normal (deviation `initializerRange`) for matrices, zero biases. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) {
      if (parameter.shape.length > 1) fillTruncatedNormal(parameter, rng, this.config.initializerRange);
    }
    if (this.posEmbed) fillZeros(this.posEmbed);
    return this;
  }
}
