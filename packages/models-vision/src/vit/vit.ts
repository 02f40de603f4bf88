/**
 * Vision Transformer: "An Image is Worth 16x16 Words", Dosovitskiy et al. 2021, with the parts that its successors differ in: see `ViTConfig`.
 * B images, C channels, H × W pixels, P patch side, N = HW / P² patches, D hidden size, T special tokens before the patches.
 */
import {
  activationOf,
  add,
  broadcastTo,
  concat,
  Dropout,
  dropPathRate,
  fillTruncatedNormal,
  fillZeros,
  LatentPool,
  LayerNorm,
  Linear,
  mean,
  Parameter,
  PatchEmbedding,
  reshape,
  type Rng,
  scaleAndShift,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import {
  blockScope,
  branchNormBlock,
  checkImages,
  checkOptions,
  classesOf,
  patchCount,
  patchGrid,
  preNormBlock,
  PretrainedModel,
  runBlocks,
  traceRules,
} from "@x/layers/model";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor } from "../image/pretrained-processor.ts";
import { type ViTConfig, viTConfig, viTDefaults } from "./config.ts";
import { viTFamily } from "./family.ts";
import { tokenPositions } from "./token-positions.ts";

export class ViT extends PretrainedModel<ViTConfig> {
  static readonly family: typeof viTFamily = viTFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly clsToken: Parameter | undefined;
  readonly distToken: Parameter | undefined;
  /** (1, R, D) */
  readonly registerTokens: Parameter | undefined;
  readonly posEmbed: Parameter | undefined;
  readonly dropout: Dropout;
  readonly normPre: LayerNorm | undefined;
  readonly blocks: (ReturnType<typeof preNormBlock> | ReturnType<typeof branchNormBlock>)[];
  readonly norm: LayerNorm | undefined;
  readonly latentPool: LatentPool | undefined;
  readonly head: Linear | undefined;
  readonly headDist: Linear | undefined;

  constructor(config: Partial<ViTConfig>, rng: Rng) {
    super(viTConfig({ ...config, ...classesOf(config, viTDefaults.numLabels) }));
    const { imageSize, patchSize, hiddenSize, numHiddenLayers: depth, numLabels, layerNormEps, ...c } = this.config;
    const when = <T>(there: boolean, make: () => T): T | undefined => (there ? make() : undefined);
    this.processor = new ImageProcessor(defaultProcessor(imageSize, c.numChannels));
    this.patchEmbed = new PatchEmbedding(c.numChannels, patchSize, hiddenSize, { bias: !c.preNorm });
    this.clsToken = when(c.classToken, () => new Parameter([1, 1, hiddenSize]));
    this.distToken = when(c.distilled, () => new Parameter([1, 1, hiddenSize]));
    this.registerTokens = when(c.numRegisterTokens > 0, () => new Parameter([1, c.numRegisterTokens, hiddenSize]));
    const numPositions = this.numPlaced + patchCount(imageSize, patchSize);
    this.posEmbed = when(c.positions !== "none", () => new Parameter([1, numPositions, hiddenSize]));
    this.dropout = new Dropout(c.hiddenDropoutProb, rng);
    this.normPre = when(c.preNorm, () => new LayerNorm(hiddenSize, layerNormEps));
    const block = c.branchNorm ? branchNormBlock : preNormBlock;
    this.blocks = Array.from({ length: depth }, (_, i) => block(this.config, rng, dropPathRate(c.dropPathRate, i, depth)));
    this.norm = when(c.finalNorm !== "none", () => new LayerNorm(hiddenSize, layerNormEps));
    const pool = { hiddenSize, layerNormEps, intermediateSize: c.intermediateSize, numHeads: c.numAttentionHeads };
    this.latentPool = when(c.pooling === "latent", () => new LatentPool({ ...pool, activation: activationOf(c.hiddenAct) }));
    this.head = when(numLabels > 0, () => new Linear(c.pooling === "clsMean" ? 2 * hiddenSize : hiddenSize, numLabels));
    this.headDist = when(numLabels > 0 && c.distilled && c.distillationHead, () => new Linear(hiddenSize, numLabels));
  }

  /** What stands before the patches, T tokens together. */
  get specialTokens(): Parameter[] {
    return [this.clsToken, this.distToken, this.registerTokens].filter((token) => token !== undefined);
  }

  /** T. */
  get numSpecialTokens(): number {
    return this.specialTokens.reduce((sum, { shape }) => sum + (shape[1] ?? 0), 0);
  }

  /** How many of the special tokens, the first ones, have positions. */
  get numPlaced(): number {
    const { positions } = this.config;
    return positions === "all" ? this.numSpecialTokens : positions === "class" ? 1 : 0;
  }

  /** images (B, C, H, W) → tokens (B, T + N, D), the class token first. */
  encode(images: Tensor, options: TraceOptions = {}): Tensor {
    checkOptions("ViT", options, traceRules);
    const embedded = this.embed(images);
    const x = runBlocks(this.blocks, this.normPre?.forward(embedded) ?? embedded, options); // (B, T + N, D), eqs. 2, 3
    return this.config.finalNorm === "tokens" && this.norm ? this.norm.forward(x) : x;
  }

  /** images (B, C, H, W) → [cls; patches] + positions (B, T + N, D). Eq. 1. */
  embed(images: Tensor): Tensor {
    checkImages("ViT", images, this.config.numChannels);
    const [batch = 0, , height = 0, width = 0] = images.shape;
    const patches = this.patchEmbed.forward(images); //                     (B, N, D)
    const specials = this.specialTokens.map((token) => broadcastTo(token, token.shape.with(0, batch)));
    const tokens = concat([...specials, patches], 1); //                    (B, T + N, D)
    const grid = patchGrid([height, width], this.config.patchSize);
    const placed = this.posEmbed ? add(tokens, tokenPositions(this.posEmbed, this, grid)) : tokens;
    return this.dropout.forward(placed);
  }

  /** tokens (B, T + N, D) → what the head sees (B, D), or (B, 2D) of class token and mean: see `ViTConfig.pooling`. Eq. 4. */
  pool(tokens: Tensor): Tensor {
    const { pooling, finalNorm } = this.config;
    const patches = () => slice(tokens, 1, this.numSpecialTokens); //       (B, N, D)
    const cls = () => tokenAt(tokens, 0); //                                (B, D)
    const pooled = {
      cls,
      mean: () => mean(patches(), 1),
      clsMean: () => (this.head ? concat([cls(), mean(patches(), 1)], 1) : cls()),
      latent: () => this.latentPool?.forward(patches()) ?? patches(),
    }[pooling]();
    return finalNorm === "pooled" && this.norm ? this.norm.forward(pooled) : pooled;
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
