/**
 * MLP-Mixer: "MLP-Mixer: An all-MLP Architecture for Vision", Tolstikhin et al. 2021.
 * B images, S patches (tokens), C channels of a token, D_S and D_C the MLPs' inner widths.
 */
import {
  activationOf,
  type AttentionContext,
  DropPath,
  dropPathRate,
  FeedForward,
  fillNormal,
  fillZeros,
  LayerNorm,
  Linear,
  mean,
  PatchEmbedding,
  PreNormBlock,
  type Rng,
  ShapeError,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import {
  blockScope,
  checkImages,
  checkOptions,
  classesOf,
  completed,
  patchCount,
  PretrainedModel,
  runBlocks,
  sidesOf,
  traceRules,
} from "@x/layers/model";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor } from "../image/pretrained-processor.ts";
import { mlpMixerChoices, type MLPMixerConfig, mlpMixerDefaults } from "./config.ts";
import { mlpMixerFamily } from "./family.ts";
import { TokenMixing } from "./token-mixing.ts";

export class MLPMixer extends PretrainedModel<MLPMixerConfig> {
  static readonly family: typeof mlpMixerFamily = mlpMixerFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly blocks: PreNormBlock<AttentionContext | void>[];
  readonly norm: LayerNorm;
  readonly head: Linear | undefined;

  constructor(config: Partial<MLPMixerConfig>, rng: Rng) {
    super(completed("MLPMixer", mlpMixerDefaults, { ...config, ...classesOf(config, mlpMixerDefaults.numLabels) }, mlpMixerChoices));
    const c = this.config;
    this.processor = new ImageProcessor(defaultProcessor(c.imageSize, c.numChannels));
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.hiddenSize);
    this.blocks = Array.from({ length: c.numHiddenLayers }, (_, i) =>
      mixerBlock(c, dropPathRate(c.dropPathRate, i, c.numHiddenLayers), rng),
    );
    this.norm = new LayerNorm(c.hiddenSize, c.layerNormEps);
    this.head = c.numLabels > 0 ? new Linear(c.hiddenSize, c.numLabels) : undefined;
  }

  /** images (B, channels, H, W) → tokens (B, S, C). @throws ShapeError when the images aren't of the config's size */
  encode(images: Tensor, options: TraceOptions = {}): Tensor {
    checkOptions("MLPMixer", options, traceRules);
    const { imageSize, numChannels } = this.config;
    checkImages("MLPMixer", images, numChannels);
    const [height, width] = sidesOf(imageSize);
    if (images.shape[2] !== height || images.shape[3] !== width) {
      throw new ShapeError("MLPMixer", `images must be (B, channels, ${height}, ${width})`, { images: images.shape });
    }
    const patches = this.patchEmbed.forward(images); //                     (B, S, C)
    return this.norm.forward(runBlocks(this.blocks, patches, options)); //  eq. 1
  }

  /** tokens (B, S, C) → what the head sees (B, C): their mean. */
  pool(tokens: Tensor): Tensor {
    return mean(tokens, 1);
  }

  /** images (B, channels, H, W) → logits (B, numLabels), or the mean token (B, C) of a model without a head. */
  forward(images: Tensor, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      const pooled = this.pool(this.encode(images, options)); //            (B, C)
      return this.head?.forward(pooled) ?? pooled;
    });
  }

  /** Xavier-uniform matrices, MLP biases N(0, 1e-6²), a head of zeros: the authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const [path, parameter] of this.namedParameters()) {
      if (/fc\d\.bias$/.test(path)) fillNormal(parameter, rng, 1e-6);
      else if (path.startsWith("head")) fillZeros(parameter);
    }
    return this;
  }
}

/** LN → MLP over tokens → +, LN → MLP over channels → +. Eq. 1. */
function mixerBlock(config: MLPMixerConfig, dropPath: number, rng: Rng): PreNormBlock<AttentionContext | void> {
  const { hiddenSize, layerNormEps, tokensMlpDim, channelsMlpDim } = config;
  const activation = activationOf(config.hiddenAct);
  const numPatches = patchCount(config.imageSize, config.patchSize);
  return new PreNormBlock({
    hiddenSize,
    layerNormEps,
    mixer: new TokenMixing(new FeedForward({ hiddenSize: numPatches, intermediateSize: tokensMlpDim, activation })),
    mlp: new FeedForward({ hiddenSize, intermediateSize: channelsMlpDim, activation }),
    dropPath: new DropPath(dropPath, rng),
  });
}
