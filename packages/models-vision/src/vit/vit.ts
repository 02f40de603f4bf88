/**
 * Vision Transformer: "An Image is Worth 16x16 Words", Dosovitskiy et al. 2021, with DeiT's distillation token (Touvron et al. 2021).
 * B images, C channels, H × W pixels, P patch side, N = HW / P² patches, D hidden size, T special tokens before the patches (1, or 2 if distilled).
 */
import {
  activationOf,
  add,
  type AttentionContext,
  blockScope,
  broadcastTo,
  concat,
  Dropout,
  DropPath,
  dropPathRate,
  FeedForward,
  fillTruncatedNormal,
  fillZeros,
  init,
  LayerNorm,
  Linear,
  mean,
  Module,
  Parameter,
  PatchEmbedding,
  PreNormBlock,
  resamplePositions,
  reshape,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  scaleAndShift,
  SelfAttention,
  slice,
  type SourceLocation,
  type Tensor,
  type Trace,
  type WeightLayout,
} from "@x/layers";
import { type ViTConfig, viTDefaults } from "./config.ts";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor, pretrainedTexts } from "../image/pretrained-processor.ts";
import { type ClassifierPretrainedOptions, pretrainedClassifier } from "../pretrained-classifier.ts";
import { viTConfigFrom, viTHubConfig } from "./hub-config.ts";
import { viTAdapterLayouts, viTLayouts } from "./weights.ts";

export type ViTPretrainedOptions = ClassifierPretrainedOptions<ViTConfig>;

export class ViT extends Module {
  readonly config: ViTConfig;
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

  /** The parameters are not filled: use `ViT.fromConfig` or `ViT.fromPretrained`. */
  constructor(config: Partial<ViTConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...viTDefaults, ...config });
    this.processor = new ImageProcessor(defaultProcessor(c.imageSize));
    const numSpecialTokens = c.distilled ? 2 : 1;
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.hiddenSize);
    this.clsToken = new Parameter([1, 1, c.hiddenSize]);
    this.distToken = c.distilled ? new Parameter([1, 1, c.hiddenSize]) : undefined;
    this.posEmbed = new Parameter([1, Math.floor(c.imageSize / c.patchSize) ** 2 + numSpecialTokens, c.hiddenSize]);
    this.dropout = new Dropout(c.hiddenDropoutProb, rng);
    this.blocks = Array.from({ length: c.numHiddenLayers }, (_, i) => viTBlock(c, dropPathRate(c.dropPathRate, i, c.numHiddenLayers), rng));
    this.norm = new LayerNorm(c.hiddenSize, c.layerNormEps);
    this.head = c.numLabels > 0 ? new Linear(c.hiddenSize, c.numLabels) : undefined;
    this.headDist = this.head && c.distilled ? new Linear(c.hiddenSize, c.numLabels) : undefined;
  }

  /** How adapters name its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    return viTAdapterLayouts(this.config.distilled);
  }

  /** images (B, C, H, W) → tokens (B, T + N, D), the class token first. */
  encode(images: Tensor, options: { readonly trace?: Trace } = {}): Tensor {
    let x = this.embed(images); //                                          (B, T + N, D)
    options.trace?.addHiddenState(x);
    for (const block of this.blocks) {
      x = block.forward(x, options); //                                     eqs. 2, 3
      options.trace?.addHiddenState(x);
    }
    return this.config.pooling === "mean" ? x : this.norm.forward(x);
  }

  /** images (B, C, H, W) → [cls; patches] + positions (B, T + N, D). Eq. 1. */
  embed(images: Tensor): Tensor {
    const [batch = 0, , height = 0, width = 0] = images.shape;
    const patches = this.patchEmbed.forward(images); //                     (B, N, D)
    const specials = [this.clsToken, ...(this.distToken ? [this.distToken] : [])].map((token) =>
      broadcastTo(token, [batch, 1, this.config.hiddenSize]),
    );
    const grid = [height / this.config.patchSize, width / this.config.patchSize] as const;
    const positions = resamplePositions(this.posEmbed, specials.length, grid, this.config.positionInterpolation);
    return this.dropout.forward(add(concat([...specials, patches], 1), positions));
  }

  /** tokens (B, T + N, D) → what the head sees (B, D): the class token, or the normed mean of the patches. Eq. 4. */
  pool(tokens: Tensor): Tensor {
    const { pooling, hiddenSize, distilled } = this.config;
    if (pooling === "mean") return this.norm.forward(mean(slice(tokens, 1, distilled ? 2 : 1), 1));
    return reshape(slice(tokens, 1, 0, 1), [-1, hiddenSize]);
  }

  /** images (B, C, H, W) → logits (B, numLabels), or the pooled (B, D) of a model without a head. */
  forward(images: Tensor, options: { readonly trace?: Trace } = {}): Tensor {
    return blockScope(() => {
      const tokens = this.encode(images, options); //                       (B, T + N, D)
      const pooled = this.pool(tokens); //                                  (B, D)
      if (!this.head) return pooled;
      const logits = this.head.forward(pooled); //                          (B, numLabels)
      if (!this.headDist) return logits;
      const distilled = this.headDist.forward(reshape(slice(tokens, 1, 1, 2), [-1, this.config.hiddenSize]));
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

  /**
   * A model from the hub (`"google/vit-base-patch16-224"`), a folder, an address, or files in memory; in evaluation mode.
   * @throws CheckpointError when it can't be read or isn't a ViT
   */
  static async fromPretrained(where: SourceLocation, options: ViTPretrainedOptions = {}): Promise<ViT> {
    return pretrainedClassifier(ViT, where, options, {
      configFrom: viTConfigFrom,
      layouts: viTLayouts,
      headKeys: ["head*", "classifier.*", "cls_classifier.*", "distillation_classifier.*"],
    });
  }

  /** Writes `config.json`, `model.safetensors` and `preprocessor_config.json` as Hugging Face's library has them. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const layout = viTLayouts[this.config.distilled ? 1 : 0] as WeightLayout;
    await saveModule(this, layout, where, { ...options, alongside: pretrainedTexts(viTHubConfig(this.config), this.processor) });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig(config: Partial<ViTConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<ViT> {
    await init();
    return new ViT(config, rng).initialize(rng);
  }
}

/** LN → self-attention → +, LN → MLP → +. Eqs. 2, 3. */
export function viTBlock(config: ViTConfig, dropPath: number, rng: Rng): PreNormBlock<AttentionContext> {
  const { hiddenSize, numAttentionHeads: numHeads, intermediateSize, qkvBias, layerNormEps, hiddenDropoutProb: dropout } = config;
  const activation = activationOf(config.hiddenAct);
  return new PreNormBlock({
    hiddenSize,
    layerNormEps,
    mixer: new SelfAttention({ hiddenSize, numHeads, qkvBias, attentionDropout: config.attentionProbsDropoutProb, dropout, rng }),
    mlp: new FeedForward({ hiddenSize, intermediateSize, activation, dropout, rng }),
    dropPath: new DropPath(dropPath, rng),
  });
}
