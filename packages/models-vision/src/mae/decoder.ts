import {
  add,
  type AttentionContext,
  broadcastTo,
  concat,
  fillNormal,
  gatherTokens,
  LayerNorm,
  Linear,
  Module,
  Parameter,
  type PreNormBlock,
  type Rng,
  slice,
  type Tensor,
} from "@x/layers";
import { preNormBlock, resamplePositions, runBlocks } from "@x/layers/model";
import type { MAEConfig } from "./config.ts";
import { sinCosPositions } from "./sincos-positions.ts";

/**
 * The decoder, used in pre-training only: a small Transformer over the latent tokens and, where patches are masked, one shared learned vector.
 * He et al. 2022, §3, "MAE decoder". Its depth and width are its own; one block is enough for fine-tuning (table 1a).
 */
export class MAEDecoder extends Module {
  readonly embed: Linear;
  /** The vector that stands for every masked patch. */
  readonly maskToken: Parameter;
  /** Fixed, §A.1. */
  readonly posEmbed: Parameter;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly pred: Linear;
  readonly #side: number;
  readonly #interpolation: MAEConfig["positionInterpolation"];

  /** @param gridSize rows and columns of patches */
  constructor(config: MAEConfig, gridSize: number, rng: Rng) {
    super();
    const {
      decoderHiddenSize: hiddenSize,
      decoderNumAttentionHeads: numAttentionHeads,
      decoderIntermediateSize: intermediateSize,
    } = config;
    const shape = { ...config, hiddenSize, numAttentionHeads, intermediateSize };
    this.embed = new Linear(config.hiddenSize, hiddenSize);
    this.maskToken = new Parameter([1, 1, hiddenSize]);
    this.posEmbed = new Parameter([1, 1 + gridSize ** 2, hiddenSize]);
    this.posEmbed.requiresGrad = false;
    this.blocks = Array.from({ length: config.decoderNumHiddenLayers }, () => preNormBlock(shape, rng));
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.pred = new Linear(hiddenSize, config.patchSize ** 2 * config.numChannels);
    this.#side = gridSize;
    this.#interpolation = config.positionInterpolation;
  }

  /**
   * latent (B, 1 + K, D), the class token first; restoreIds (B, N), each patch's place in [kept; masked]; rows and columns of patches
   * → predicted patches (B, N, P·P·C), channels last. For other image sizes positions are resampled as a grid (Hugging Face does it along the row of all).
   */
  forward(latent: Tensor, restoreIds: Tensor<"int32">, grid: readonly [rows: number, columns: number]): Tensor {
    const [batch = 0, numLatent = 0] = latent.shape;
    const [, numPatches = 0] = restoreIds.shape;
    const tokens = this.embed.forward(latent); //                                           (B, 1 + K, E)
    const [, , width = 0] = tokens.shape;
    const masked = broadcastTo(this.maskToken, [batch, numPatches + 1 - numLatent, width]); // (B, N − K, E)
    const shuffled = concat([slice(tokens, 1, 1), masked], 1); //                           (B, N, E), kept first
    const ordered = gatherTokens(shuffled, restoreIds); //                                  (B, N, E), in place
    const positions = resamplePositions(this.posEmbed, 1, [this.#side, this.#side], grid, this.#interpolation);
    const x = add(concat([slice(tokens, 1, 0, 1), ordered], 1), positions); //              (B, 1 + N, E)
    const decoded = this.norm.forward(runBlocks(this.blocks, x));
    return slice(this.pred.forward(decoded), 1, 1); //                                      (B, N, P·P·C)
  }

  /** Xavier-uniform matrices, an N(0, 0.02²) mask token, sine-cosine positions. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillNormal(this.maskToken, rng, 0.02);
    this.posEmbed.data.set(sinCosPositions(this.#side, this.posEmbed.shape[2] ?? 0));
    return this;
  }
}
