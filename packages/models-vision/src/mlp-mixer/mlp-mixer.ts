/**
 * MLP-Mixer: "MLP-Mixer: An all-MLP Architecture for Vision", Tolstikhin et al. 2021.
 * B images, S patches (tokens), C channels of a token, D_S and D_C the MLPs' inner widths.
 */
import {
  activationOf,
  blockScope,
  DropPath,
  dropPathRate,
  FeedForward,
  fillNormal,
  fillZeros,
  init,
  LayerNorm,
  Linear,
  mean,
  Module,
  PatchEmbedding,
  PreNormBlock,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  ShapeError,
  type SourceLocation,
  type Tensor,
  type Trace,
  type WeightLayout,
} from "@x/layers";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor, pretrainedTexts } from "../image/pretrained-processor.ts";
import { type ClassifierPretrainedOptions, pretrainedClassifier } from "../pretrained-classifier.ts";
import { type MLPMixerConfig, mlpMixerDefaults } from "./config.ts";
import { mlpMixerConfigFrom, mlpMixerHubConfig } from "./hub-config.ts";
import { TokenMixing } from "./token-mixing.ts";
import { mlpMixerLayouts } from "./weights.ts";

export type MLPMixerPretrainedOptions = ClassifierPretrainedOptions<MLPMixerConfig>;

export class MLPMixer extends Module {
  readonly config: MLPMixerConfig;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly blocks: PreNormBlock[];
  readonly norm: LayerNorm;
  readonly head: Linear | undefined;

  /** The parameters are not filled: use `MLPMixer.fromConfig` or `MLPMixer.fromPretrained`. */
  constructor(config: Partial<MLPMixerConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...mlpMixerDefaults, ...config });
    this.processor = new ImageProcessor(defaultProcessor(c.imageSize));
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.hiddenSize);
    this.blocks = Array.from({ length: c.numHiddenLayers }, (_, i) =>
      mixerBlock(c, dropPathRate(c.dropPathRate, i, c.numHiddenLayers), rng),
    );
    this.norm = new LayerNorm(c.hiddenSize, c.layerNormEps);
    this.head = c.numLabels > 0 ? new Linear(c.hiddenSize, c.numLabels) : undefined;
  }

  /** How adapters name its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    return mlpMixerLayouts;
  }

  /** images (B, channels, H, W) → tokens (B, S, C). @throws ShapeError when the images aren't of the config's size */
  encode(images: Tensor, options: { readonly trace?: Trace } = {}): Tensor {
    const { imageSize } = this.config;
    if (images.shape.length !== 4 || images.shape[2] !== imageSize || images.shape[3] !== imageSize) {
      throw new ShapeError("MLPMixer", `images must be (B, channels, ${imageSize}, ${imageSize})`, { images: images.shape });
    }
    let x = this.patchEmbed.forward(images); //                             (B, S, C)
    options.trace?.addHiddenState(x);
    for (const block of this.blocks) {
      x = block.forward(x); //                                              eq. 1
      options.trace?.addHiddenState(x);
    }
    return this.norm.forward(x);
  }

  /** tokens (B, S, C) → what the head sees (B, C): their mean. */
  pool(tokens: Tensor): Tensor {
    return mean(tokens, 1);
  }

  /** images (B, channels, H, W) → logits (B, numLabels), or the mean token (B, C) of a model without a head. */
  forward(images: Tensor, options: { readonly trace?: Trace } = {}): Tensor {
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

  /**
   * A model from the hub (`"timm/mixer_b16_224.goog_in21k_ft_in1k"`), a folder, an address, or files in memory; in evaluation mode.
   * @throws CheckpointError when it can't be read or isn't an MLP-Mixer
   */
  static async fromPretrained(where: SourceLocation, options: MLPMixerPretrainedOptions = {}): Promise<MLPMixer> {
    return pretrainedClassifier(MLPMixer, where, options, {
      configFrom: mlpMixerConfigFrom,
      layouts: mlpMixerLayouts,
      headKeys: ["head.*"],
    });
  }

  /** Writes `config.json` and `model.safetensors` as timm has them, and a `preprocessor_config.json`. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const alongside = pretrainedTexts(mlpMixerHubConfig(this.config, this.processor.config), this.processor);
    await saveModule(this, mlpMixerLayouts[0], where, { ...options, alongside });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig(config: Partial<MLPMixerConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<MLPMixer> {
    await init();
    return new MLPMixer(config, rng).initialize(rng);
  }
}

/** LN → MLP over tokens → +, LN → MLP over channels → +. Eq. 1. */
function mixerBlock(config: MLPMixerConfig, dropPath: number, rng: Rng): PreNormBlock {
  const { hiddenSize, layerNormEps, tokensMlpDim, channelsMlpDim } = config;
  const activation = activationOf(config.hiddenAct);
  const numPatches = Math.floor(config.imageSize / config.patchSize) ** 2;
  return new PreNormBlock({
    hiddenSize,
    layerNormEps,
    mixer: new TokenMixing(new FeedForward({ hiddenSize: numPatches, intermediateSize: tokensMlpDim, activation })),
    mlp: new FeedForward({ hiddenSize, intermediateSize: channelsMlpDim, activation }),
    dropPath: new DropPath(dropPath, rng),
  });
}
