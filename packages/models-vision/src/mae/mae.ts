/**
 * Masked autoencoder: "Masked Autoencoders Are Scalable Vision Learners", He et al. 2022.
 * B images, N patches of P × P pixels, K of them kept, D the encoder's width, E the decoder's.
 */
import {
  add,
  type AttentionContext,
  broadcastTo,
  concat,
  fillNormal,
  gatherTokens,
  LayerNorm,
  mean,
  Parameter,
  PatchEmbedding,
  patchify,
  type PreNormBlock,
  type Rng,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import {
  blockScope,
  checkImages,
  checkOptions,
  completed,
  preNormBlock,
  PretrainedModel,
  patchGrid,
  resamplePositions,
  runBlocks,
  traceRules,
} from "@x/layers/model";
import { ImageProcessor } from "../image/image-processor.ts";
import { defaultProcessor } from "../image/pretrained-processor.ts";
import { maeChoices, type MAEConfig, maeDefaults } from "./config.ts";
import { MAEDecoder } from "./decoder.ts";
import { maeFamily } from "./family.ts";
import { maskedPatchLoss, normalizePatches } from "./masked-patch-loss.ts";
import { maskingNoise, type RandomMask, randomMasking } from "./random-masking.ts";
import { sinCosPositions } from "./sincos-positions.ts";

export interface MAEOutput {
  /** Predicted patches, channels last: (B, N, P·P·C). */
  readonly predicted: Tensor;
  /** Mean squared error over the masked patches: (). */
  readonly loss: Tensor;
  readonly mask: RandomMask;
}

/** For its encoder alone, to be fine-tuned, `ViT.fromPretrained` reads the same files. */
export class MAE extends PretrainedModel<MAEConfig> {
  static readonly family: typeof maeFamily = maeFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  readonly patchEmbed: PatchEmbedding;
  readonly clsToken: Parameter;
  /** Fixed, §A.1. */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly decoder: MAEDecoder;

  constructor(config: Partial<MAEConfig>, rng: Rng) {
    super(completed<MAEConfig>("MAE", maeDefaults, config, maeChoices));
    const { imageSize, patchSize, hiddenSize, numHiddenLayers, ...c } = this.config;
    const gridSize = Math.floor(imageSize / patchSize);
    this.processor = new ImageProcessor(defaultProcessor(imageSize, c.numChannels));
    this.patchEmbed = new PatchEmbedding(c.numChannels, patchSize, hiddenSize);
    this.clsToken = new Parameter([1, 1, hiddenSize]);
    this.posEmbed = new Parameter([1, 1 + gridSize ** 2, hiddenSize]);
    this.posEmbed.requiresGrad = false;
    this.blocks = Array.from({ length: numHiddenLayers }, () => preNormBlock(this.config, rng));
    this.norm = new LayerNorm(hiddenSize, c.layerNormEps);
    this.decoder = new MAEDecoder(this.config, gridSize, rng);
  }

  /** images (B, C, H, W), noise (B, N), whose smallest numbers are the patches to keep → predicted patches and their loss. The trace is the encoder's. */
  forward(images: Tensor, noise: Tensor, options: TraceOptions = {}): MAEOutput {
    return blockScope(() => {
      const grid = this.#gridOf(images);
      const mask = randomMasking(noise, this.config.maskRatio);
      const latent = this.encode(images, mask.keptIds, options); //                    (B, 1 + K, D)
      const predicted = this.decoder.forward(latent, mask.restoreIds, grid); // (B, N, P·P·C)
      const patches = patchify(images, this.config.patchSize, "channelsLast");
      const target = this.config.normPixLoss ? normalizePatches(patches) : patches;
      return { predicted, loss: maskedPatchLoss(predicted, target, mask.mask), mask };
    });
  }

  /** images (B, C, H, W), of which only the patches keptIds (B, K) are seen → latent tokens (B, 1 + K, D), the class token first. All without keptIds. */
  encode(images: Tensor, keptIds?: Tensor<"int32">, options: TraceOptions = {}): Tensor {
    checkOptions("MAE", options, traceRules);
    const { imageSize, patchSize, positionInterpolation } = this.config;
    const positions = resamplePositions(this.posEmbed, 1, patchGrid(imageSize, patchSize), this.#gridOf(images), positionInterpolation);
    const patches = add(this.patchEmbed.forward(images), slice(positions, 1, 1)); //   (B, N, D)
    const visible = keptIds ? gatherTokens(patches, keptIds) : patches; //             (B, K, D)
    const cls = add(this.clsToken, slice(positions, 1, 0, 1));
    const tokens = concat([broadcastTo(cls, [images.shape[0] ?? 0, 1, this.config.hiddenSize]), visible], 1); // (B, 1 + K, D)
    return this.norm.forward(runBlocks(this.blocks, tokens, options));
  }

  /** latent tokens (B, 1 + K, D) → the mean of the patches (B, D), which fine-tuning builds on. §A.1, table 9. */
  pool(tokens: Tensor): Tensor {
    return mean(slice(tokens, 1, 1), 1);
  }

  /** Fresh noise for a batch of images (B, C, H, W): uniform (B, N). */
  drawNoise(images: Tensor, rng: Rng): Tensor {
    const [rows, columns] = this.#gridOf(images);
    return maskingNoise(images.shape[0] ?? 0, rows * columns, rng);
  }

  #gridOf(images: Tensor): [rows: number, columns: number] {
    checkImages("MAE", images, this.config.numChannels);
    const [, , height = 0, width = 0] = images.shape;
    return [height / this.config.patchSize, width / this.config.patchSize];
  }

  /** Xavier-uniform matrices, N(0, 0.02²) tokens, sine-cosine positions: §A.1 and the authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillNormal(this.clsToken, rng, 0.02);
    this.posEmbed.data.set(sinCosPositions(Math.floor(this.config.imageSize / this.config.patchSize), this.config.hiddenSize));
    return this;
  }
}
