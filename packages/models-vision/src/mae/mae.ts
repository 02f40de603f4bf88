/**
 * Masked autoencoder: "Masked Autoencoders Are Scalable Vision Learners", He et al. 2022.
 * B images, N patches of P × P pixels, K of them kept, D the encoder's width, E the decoder's.
 */
import {
  add, type AttentionContext, blockScope, broadcastTo, concat, drawUniform, empty, fillNormal, gatherTokens, init, LayerNorm, Linear, Module, Parameter,
  PatchEmbedding, patchify, type PreNormBlock, Rng, slice, type Tensor, type Trace,
} from "@x/layers";
import { viTDefaults } from "../vit/config.ts";
import { resamplePositions } from "../vit/positions.ts";
import { viTBlock } from "../vit/vit.ts";
import { type MAEConfig, maeDefaults } from "./config.ts";
import { maskedPatchLoss, normalizePatches } from "./masked-patch-loss.ts";
import { type RandomMask, randomMasking } from "./random-masking.ts";
import { sinCosPositions } from "./sincos-positions.ts";

export interface MAEOutput {
  /** Predicted patches, channels last: (B, N, P·P·C). */
  readonly predicted: Tensor;
  /** Mean squared error over the masked patches: (). */
  readonly loss: Tensor;
  readonly mask: RandomMask;
}

export class MAE extends Module {
  readonly config: MAEConfig;
  readonly patchEmbed: PatchEmbedding;
  readonly clsToken: Parameter;
  /** Fixed, §A.1. */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly decoderEmbed: Linear;
  readonly maskToken: Parameter;
  /** Fixed, §A.1. */
  readonly decoderPosEmbed: Parameter;
  readonly decoderBlocks: PreNormBlock<AttentionContext>[];
  readonly decoderNorm: LayerNorm;
  readonly decoderPred: Linear;

  /** The parameters are not filled: use `MAE.fromConfig` or `MAE.fromPretrained`. */
  constructor(config: Partial<MAEConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...maeDefaults, ...config });
    const numPatches = Math.floor(c.imageSize / c.patchSize) ** 2;
    const shape = { ...viTDefaults, ...c };
    this.patchEmbed = new PatchEmbedding(c.numChannels, c.patchSize, c.hiddenSize);
    this.clsToken = new Parameter([1, 1, c.hiddenSize]);
    this.posEmbed = new Parameter([1, 1 + numPatches, c.hiddenSize]);
    this.blocks = Array.from({ length: c.numHiddenLayers }, () => viTBlock(shape, 0, rng));
    this.norm = new LayerNorm(c.hiddenSize, c.layerNormEps);

    const decoder = {
      ...shape,
      hiddenSize: c.decoderHiddenSize,
      numAttentionHeads: c.decoderNumAttentionHeads,
      intermediateSize: c.decoderIntermediateSize,
    };
    this.decoderEmbed = new Linear(c.hiddenSize, c.decoderHiddenSize);
    this.maskToken = new Parameter([1, 1, c.decoderHiddenSize]);
    this.decoderPosEmbed = new Parameter([1, 1 + numPatches, c.decoderHiddenSize]);
    this.decoderBlocks = Array.from({ length: c.decoderNumHiddenLayers }, () => viTBlock(decoder, 0, rng));
    this.decoderNorm = new LayerNorm(c.decoderHiddenSize, c.layerNormEps);
    this.decoderPred = new Linear(c.decoderHiddenSize, c.patchSize ** 2 * c.numChannels);
    this.posEmbed.requiresGrad = this.decoderPosEmbed.requiresGrad = false;
  }

  /** images (B, C, H, W), noise (B, N) → predicted patches and their loss. */
  forward(images: Tensor, noise: Tensor): MAEOutput {
    return blockScope(() => {
      const mask = randomMasking(noise, this.config.maskRatio);
      const latent = this.encode(images, mask.keptIds); //                  (B, 1 + K, D)
      const predicted = this.decode(latent, mask.restoreIds); //            (B, N, P·P·C)
      const patches = patchify(images, this.config.patchSize, "channelsLast");
      const target = this.config.normPixLoss ? normalizePatches(patches) : patches;
      return { predicted, loss: maskedPatchLoss(predicted, target, mask.mask), mask };
    });
  }

  /** images (B, C, H, W), of which only the patches keptIds (B, K) are seen → latent tokens (B, 1 + K, D), the class token first. All without keptIds. */
  encode(images: Tensor, keptIds?: Tensor<"int32">, options: { readonly trace?: Trace } = {}): Tensor {
    const [batch = 0, , height = 0, width = 0] = images.shape;
    const { patchSize, hiddenSize, positionInterpolation } = this.config;
    const positions = resamplePositions(this.posEmbed, 1, [height / patchSize, width / patchSize], positionInterpolation);
    const patches = add(this.patchEmbed.forward(images), slice(positions, 1, 1)); //   (B, N, D)
    const visible = keptIds ? gatherTokens(patches, keptIds) : patches; //             (B, K, D)
    const cls = add(this.clsToken, slice(positions, 1, 0, 1));
    let x = concat([broadcastTo(cls, [batch, 1, hiddenSize]), visible], 1); //         (B, 1 + K, D)
    options.trace?.addHiddenState(x);
    for (const block of this.blocks) {
      x = block.forward(x, options);
      options.trace?.addHiddenState(x);
    }
    return this.norm.forward(x);
  }

  /** latent (B, 1 + K, D), restoreIds (B, N) → predicted patches (B, N, P·P·C), channels last. */
  decode(latent: Tensor, restoreIds: Tensor<"int32">): Tensor {
    const [batch = 0, numLatent = 0] = latent.shape;
    const [, numPatches = 0] = restoreIds.shape;
    const tokens = this.decoderEmbed.forward(latent); //                               (B, 1 + K, E)
    const masked = broadcastTo(this.maskToken, [batch, numPatches + 1 - numLatent, this.config.decoderHiddenSize]);
    const shuffled = concat([slice(tokens, 1, 1), masked], 1); //                      (B, N, E), kept first
    const ordered = gatherTokens(shuffled, restoreIds); //                             (B, N, E), in place
    let x = add(concat([slice(tokens, 1, 0, 1), ordered], 1), this.decoderPosEmbed);
    for (const block of this.decoderBlocks) x = block.forward(x, {});
    const predicted = this.decoderPred.forward(this.decoderNorm.forward(x)); //        (B, 1 + N, P·P·C)
    return slice(predicted, 1, 1);
  }

  /** Fresh noise for `forward`: uniform (B, N). */
  drawNoise(batch: number, rng: Rng): Tensor {
    const noise = empty([batch, (this.posEmbed.shape[1] ?? 1) - 1]);
    drawUniform(noise, rng);
    return noise;
  }

  /** Xavier-uniform matrices, N(0, 0.02²) tokens, sine-cosine positions: §A.1 and the authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillNormal(this.clsToken, rng, 0.02);
    fillNormal(this.maskToken, rng, 0.02);
    const grid = Math.floor(this.config.imageSize / this.config.patchSize);
    this.posEmbed.data.set(sinCosPositions(grid, this.config.hiddenSize));
    this.decoderPosEmbed.data.set(sinCosPositions(grid, this.config.decoderHiddenSize));
    return this;
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig(config: Partial<MAEConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<MAE> {
    await init();
    return new MAE(config, rng).initialize(rng);
  }
}
