/**
 * Swin Transformer: "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", Liu et al. 2021.
 * B images, H × W the map of tokens at a stage, C its width, M the side of a window.
 */
import {
  activationOf, add, blockScope, Dropout, DropPath, dropPathRate, FeedForward, fillTruncatedNormal, fillZeros, init, LayerNorm, Linear, mean, Module,
  Parameter, PatchEmbedding, PreNormBlock, Rng, type Tensor, type Trace,
} from "@x/layers";
import { type SwinConfig, swinDefaults } from "./config.ts";
import { padEnd } from "./pad-end.ts";
import { PatchMerging } from "./patch-merging.ts";
import { type MapContext, WindowAttention } from "./window-attention.ts";

/** The tokens of a stage and the map that they form. */
export interface TokenMap {
  /** (B, height · width, C) */
  readonly tokens: Tensor;
  readonly height: number;
  readonly width: number;
}

export class Swin extends Module {
  readonly config: SwinConfig;
  readonly patchEmbed: PatchEmbedding;
  readonly patchNorm: LayerNorm;
  readonly posEmbed: Parameter | undefined;
  readonly dropout: Dropout;
  readonly stages: SwinStage[];
  readonly norm: LayerNorm;
  readonly head: Linear | undefined;

  /** The parameters are not filled: use `Swin.fromConfig` or `Swin.fromPretrained`. */
  constructor(config: Partial<SwinConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...swinDefaults, ...config });
    const numFeatures = c.embedDim * 2 ** (c.depths.length - 1);
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.embedDim);
    this.patchNorm = new LayerNorm(c.embedDim, c.layerNormEps);
    this.posEmbed = c.useAbsoluteEmbeddings ? new Parameter([1, Math.floor(c.imageSize / c.patchSize) ** 2, c.embedDim]) : undefined;
    this.dropout = new Dropout(c.hiddenDropoutProb, rng);
    this.stages = c.depths.map((_, stage) => new SwinStage(c, stage, rng));
    this.norm = new LayerNorm(numFeatures, c.layerNormEps);
    this.head = c.numLabels > 0 ? new Linear(numFeatures, c.numLabels) : undefined;
  }

  /** images (B, 3, H, W) → patches (B, H/4 · W/4, C), normed. */
  embed(images: Tensor): TokenMap {
    const { patchSize } = this.config;
    const [height, width] = images.shape.slice(2).map((length) => Math.ceil(length / patchSize)) as [number, number];
    const padded = padEnd(padEnd(images, 3, width * patchSize), 2, height * patchSize);
    const patches = this.patchNorm.forward(this.patchEmbed.forward(padded));
    return { tokens: this.dropout.forward(this.posEmbed ? add(patches, this.posEmbed) : patches), height, width };
  }

  /** images (B, 3, H, W) → every stage's map before merging: C, 2C, 4C, 8C wide at 1/4, 1/8, 1/16, 1/32 of the image. A backbone's feature pyramid. */
  features(images: Tensor, options: { readonly trace?: Trace } = {}): TokenMap[] {
    const maps: TokenMap[] = [];
    let map = this.embed(images);
    options.trace?.addHiddenState(map.tokens);
    for (const stage of this.stages) {
      const before = stage.forward(map, options);
      maps.push(before);
      map = stage.merge(before);
      options.trace?.addHiddenState(map.tokens);
    }
    return maps;
  }

  /** images (B, 3, H, W) → the last stage's tokens, normed: (B, H/32 · W/32, 8C). */
  encode(images: Tensor, options: { readonly trace?: Trace } = {}): Tensor {
    const last = this.features(images, options).at(-1);
    return this.norm.forward((last as TokenMap).tokens);
  }

  /** images (B, 3, H, W) → logits (B, numLabels), or the mean token (B, 8C) of a model without a head. */
  forward(images: Tensor, options: { readonly trace?: Trace } = {}): Tensor {
    return blockScope(() => {
      const pooled = mean(this.encode(images, options), 1); // (B, 8C)
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

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig(config: Partial<SwinConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<Swin> {
    await init();
    return new Swin(config, rng).initialize(rng);
  }
}

/** Blocks with regular and shifted windows in turn, then patch merging (none after the last stage). */
export class SwinStage extends Module {
  readonly blocks: PreNormBlock<MapContext>[];
  readonly downsample: PatchMerging | undefined;

  constructor(config: SwinConfig, stage: number, rng: Rng) {
    super();
    const { depths, layerNormEps } = config;
    const width = config.embedDim * 2 ** stage;
    const numHeads = config.numHeads[stage] ?? 1;
    const numBlocks = depths.reduce((sum, depth) => sum + depth, 0);
    const before = depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0);
    this.blocks = Array.from({ length: depths[stage] ?? 0 }, (_, i) => {
      const mixer = new WindowAttention(config, width, numHeads, i % 2 === 1, rng);
      const mlp = new FeedForward({
        hiddenSize: width,
        intermediateSize: Math.floor(width * config.mlpRatio),
        activation: activationOf(config.hiddenAct),
        dropout: config.hiddenDropoutProb,
        rng,
      });
      const dropPath = new DropPath(dropPathRate(config.dropPathRate, before + i, numBlocks), rng);
      return new PreNormBlock({ hiddenSize: width, layerNormEps, mixer, mlp, dropPath });
    });
    this.downsample = stage + 1 < depths.length ? new PatchMerging(width, layerNormEps) : undefined;
  }

  forward(map: TokenMap, { trace }: { readonly trace?: Trace } = {}): TokenMap {
    const { height, width } = map;
    let { tokens } = map;
    for (const block of this.blocks) tokens = block.forward(tokens, { height, width, ...(trace ? { trace } : {}) });
    return { tokens, height, width };
  }

  /** The map that the next stage gets. */
  merge(map: TokenMap): TokenMap {
    const { tokens, height, width } = map;
    if (!this.downsample) return map;
    return { tokens: this.downsample.forward(tokens, height, width), height: Math.ceil(height / 2), width: Math.ceil(width / 2) };
  }
}
