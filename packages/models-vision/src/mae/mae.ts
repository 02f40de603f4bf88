/**
 * Masked autoencoder: "Masked Autoencoders Are Scalable Vision Learners", He et al. 2022.
 * B images, N patches of P × P pixels, K of them kept, D the encoder's width, E the decoder's.
 */
import {
  add,
  type AttentionContext,
  blockScope,
  broadcastTo,
  concat,
  drawUniform,
  empty,
  fillNormal,
  gatherTokens,
  init,
  LayerNorm,
  loadModule,
  mean,
  Module,
  openPretrained,
  Parameter,
  PatchEmbedding,
  patchify,
  type PreNormBlock,
  type PretrainedOptions,
  resamplePositions,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  slice,
  type SourceLocation,
  type Tensor,
  type Trace,
  type WeightLayout,
} from "@x/layers";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor, pretrainedProcessor, pretrainedTexts } from "../image/pretrained-processor.ts";
import { viTDefaults } from "../vit/config.ts";
import { viTBlock } from "../vit/vit.ts";
import { type MAEConfig, maeDefaults } from "./config.ts";
import { MAEDecoder } from "./decoder.ts";
import { maeConfigFrom, maeHubConfig } from "./hub-config.ts";
import { maskedPatchLoss, normalizePatches } from "./masked-patch-loss.ts";
import { type RandomMask, randomMasking } from "./random-masking.ts";
import { sinCosPositions } from "./sincos-positions.ts";
import { maeAdapterLayouts, maeLayouts } from "./weights.ts";

export interface MAEPretrainedOptions extends PretrainedOptions {
  /** Overrides what the checkpoint's config says: `maskRatio`, `normPixLoss`. */
  readonly config?: Partial<MAEConfig>;
  /** What dropout draws from in training. Default seed 0. */
  readonly rng?: Rng;
}

export interface MAEOutput {
  /** Predicted patches, channels last: (B, N, P·P·C). */
  readonly predicted: Tensor;
  /** Mean squared error over the masked patches: (). */
  readonly loss: Tensor;
  readonly mask: RandomMask;
}

export class MAE extends Module {
  readonly config: MAEConfig;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly clsToken: Parameter;
  /** Fixed, §A.1. */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly decoder: MAEDecoder;

  /** The parameters are not filled: use `MAE.fromConfig` or `MAE.fromPretrained`. */
  constructor(config: Partial<MAEConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...maeDefaults, ...config });
    this.processor = new ImageProcessor(defaultProcessor(c.imageSize));
    const gridSize = Math.floor(c.imageSize / c.patchSize);
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.hiddenSize);
    this.clsToken = new Parameter([1, 1, c.hiddenSize]);
    this.posEmbed = new Parameter([1, 1 + gridSize ** 2, c.hiddenSize]);
    this.posEmbed.requiresGrad = false;
    this.blocks = Array.from({ length: c.numHiddenLayers }, () => viTBlock({ ...viTDefaults, ...c }, 0, rng));
    this.norm = new LayerNorm(c.hiddenSize, c.layerNormEps);
    this.decoder = new MAEDecoder(c, gridSize, rng);
  }

  /** How adapters name its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    return maeAdapterLayouts;
  }

  /** images (B, C, H, W), noise (B, N), whose smallest numbers are the patches to keep → predicted patches and their loss. The trace is the encoder's. */
  forward(images: Tensor, noise: Tensor, options: { readonly trace?: Trace } = {}): MAEOutput {
    return blockScope(() => {
      const mask = randomMasking(noise, this.config.maskRatio);
      const latent = this.encode(images, mask.keptIds, options); //                    (B, 1 + K, D)
      const predicted = this.decoder.forward(latent, mask.restoreIds, this.#gridOf(images)); // (B, N, P·P·C)
      const patches = patchify(images, this.config.patchSize, "channelsLast");
      const target = this.config.normPixLoss ? normalizePatches(patches) : patches;
      return { predicted, loss: maskedPatchLoss(predicted, target, mask.mask), mask };
    });
  }

  /** images (B, C, H, W), of which only the patches keptIds (B, K) are seen → latent tokens (B, 1 + K, D), the class token first. All without keptIds. */
  encode(images: Tensor, keptIds?: Tensor<"int32">, options: { readonly trace?: Trace } = {}): Tensor {
    const [batch = 0] = images.shape;
    const positions = resamplePositions(this.posEmbed, 1, this.#gridOf(images), this.config.positionInterpolation);
    const patches = add(this.patchEmbed.forward(images), slice(positions, 1, 1)); //   (B, N, D)
    const visible = keptIds ? gatherTokens(patches, keptIds) : patches; //             (B, K, D)
    const cls = add(this.clsToken, slice(positions, 1, 0, 1));
    let x = concat([broadcastTo(cls, [batch, 1, this.config.hiddenSize]), visible], 1); // (B, 1 + K, D)
    options.trace?.addHiddenState(x);
    for (const block of this.blocks) {
      x = block.forward(x, options);
      options.trace?.addHiddenState(x);
    }
    return this.norm.forward(x);
  }

  /** latent tokens (B, 1 + K, D) → the mean of the patches (B, D), which fine-tuning builds on. §A.1, table 9. */
  pool(tokens: Tensor): Tensor {
    return mean(slice(tokens, 1, 1), 1);
  }

  /** Fresh noise for a batch of images (B, C, H, W): uniform (B, N). */
  drawNoise(images: Tensor, rng: Rng): Tensor {
    const [rows, columns] = this.#gridOf(images);
    const noise = empty([images.shape[0] ?? 0, rows * columns]);
    drawUniform(noise, rng);
    return noise;
  }

  #gridOf({ shape: [, , height = 0, width = 0] }: Tensor): [rows: number, columns: number] {
    return [height / this.config.patchSize, width / this.config.patchSize];
  }

  /** Xavier-uniform matrices, N(0, 0.02²) tokens, sine-cosine positions: §A.1 and the authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillNormal(this.clsToken, rng, 0.02);
    this.posEmbed.data.set(sinCosPositions(Math.floor(this.config.imageSize / this.config.patchSize), this.config.hiddenSize));
    return this;
  }

  /**
   * A model from the hub (`"facebook/vit-mae-base"`), a folder, an address, or files in memory; in evaluation mode. For its encoder alone, to be
   * fine-tuned, `ViT.fromPretrained` reads the same files.
   * @throws CheckpointError when it can't be read or isn't a masked autoencoder with its decoder
   */
  static async fromPretrained(where: SourceLocation, options: MAEPretrainedOptions = {}): Promise<MAE> {
    await init();
    const files = await openPretrained(where, options);
    const mae = new MAE({ ...maeConfigFrom(files.config, files.checkpoint), ...options.config }, options.rng ?? new Rng(0));
    await loadModule(mae, files.checkpoint, maeLayouts, options);
    mae.processor = await pretrainedProcessor(files, mae.config.imageSize);
    return mae;
  }

  /** Writes `config.json`, `model.safetensors` and `preprocessor_config.json` as Hugging Face's library has them. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    await saveModule(this, maeLayouts[0], where, { ...options, alongside: pretrainedTexts(maeHubConfig(this.config), this.processor) });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig(config: Partial<MAEConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<MAE> {
    await init();
    return new MAE(config, rng).initialize(rng);
  }
}
