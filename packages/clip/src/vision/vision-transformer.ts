/**
 * CLIP's Vision Transformer: ViT (Dosovitskiy et al. 2021) with a norm before the first block, patches without bias, and a projection of the
 * class token, in open_clip also of the patches' mean, instead of a head. Radford et al. 2021, §2.4. B images, C channels, P patch side, N patches, D hidden size.
 */
import {
  add,
  type AttentionContext,
  broadcastTo,
  concat,
  fillNormal,
  LayerNorm,
  Linear,
  mean,
  Module,
  Parameter,
  PatchEmbedding,
  type PreNormBlock,
  reshape,
  type Rng,
  slice,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkImages, checkOptions, patchCount, patchGrid, resamplePositions, runBlocks, traceRules } from "@x/layers/model";
import type { CLIPVisionConfig } from "../config.ts";
import { clipBlocks, initializeBlocks } from "../transformer.ts";

export class VisionTransformer extends Module {
  readonly config: CLIPVisionConfig;
  readonly patchEmbed: PatchEmbedding;
  /** (D) */
  readonly clsToken: Parameter;
  /** (1 + N, D), the class token's first. */
  readonly posEmbed: Parameter;
  /** undefined where the tokens go into the first block as they are. */
  readonly normPre: LayerNorm | undefined;
  readonly blocks: PreNormBlock<AttentionContext>[];
  readonly norm: LayerNorm;
  readonly proj: Linear;

  constructor(config: CLIPVisionConfig, projectionDim: number, rng: Rng) {
    super();
    const { numChannels, patchSize, hiddenSize, imageSize, layerNormEps } = (this.config = config);
    this.patchEmbed = new PatchEmbedding(numChannels, patchSize, hiddenSize, { bias: false });
    this.clsToken = new Parameter([hiddenSize]);
    this.posEmbed = new Parameter([1 + patchCount(imageSize, patchSize), hiddenSize]);
    this.normPre = config.normPre ? new LayerNorm(hiddenSize, layerNormEps) : undefined;
    this.blocks = clipBlocks(config, rng);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.proj = new Linear(hiddenSize, projectionDim, { bias: false });
  }

  /** images (B, C, H, W) → tokens (B, 1 + N, D), the class token first. */
  encode(images: Tensor, options: TraceOptions = {}): Tensor {
    checkOptions("VisionTransformer", options, traceRules);
    const x = this.embed(images); //                                           (B, 1 + N, D)
    return runBlocks(this.blocks, this.normPre?.forward(x) ?? x, options);
  }

  /** images (B, C, H, W) → [cls; patches] + positions (B, 1 + N, D). */
  embed(images: Tensor): Tensor {
    checkImages("VisionTransformer", images, this.config.numChannels);
    const [batch = 0, , height = 0, width = 0] = images.shape;
    const { patchSize, hiddenSize, imageSize } = this.config;
    const patches = this.patchEmbed.forward(images); //                      (B, N, D)
    const cls = broadcastTo(this.clsToken, [batch, 1, hiddenSize]); //       (B, 1, D)
    const table = reshape(this.posEmbed, [1, -1, hiddenSize]);
    const positions = resamplePositions(table, 1, patchGrid(imageSize, patchSize), patchGrid([height, width], patchSize), "cubic");
    return add(concat([cls, patches], 1), positions);
  }

  /** images (B, C, H, W) → features (B, projectionDim), not yet of length 1. */
  forward(images: Tensor, options: TraceOptions = {}): Tensor {
    return blockScope(() => {
      const tokens = this.encode(images, options); //                        (B, 1 + N, D)
      return this.proj.forward(this.pool(tokens)); //                        (B, projectionDim)
    });
  }

  /** tokens (B, 1 + N, D) → what stands for the image (B, D). */
  pool(tokens: Tensor): Tensor {
    const { pooling, hiddenSize } = this.config;
    if (pooling === "token") return this.norm.forward(reshape(slice(tokens, 1, 0, 1), [-1, hiddenSize]));
    const patches = slice(tokens, 1, 1); //                                  (B, N, D)
    return pooling === "mean" ? this.norm.forward(mean(patches, 1)) : mean(this.norm.forward(patches), 1);
  }

  /** As OpenAI's code: class token, positions and projection from N(0, 1/D); blocks as in the text encoder; patches uniform. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    const { hiddenSize } = this.config;
    for (const parameter of [this.clsToken, this.posEmbed, this.proj.weight]) fillNormal(parameter, rng, hiddenSize ** -0.5);
    initializeBlocks(this.blocks, hiddenSize, rng);
    return this;
  }
}
