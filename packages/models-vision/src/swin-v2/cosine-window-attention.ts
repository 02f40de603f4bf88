import {
  add,
  clamp,
  concat,
  divide,
  embedding,
  exp,
  fillTruncatedNormal,
  fillZeros,
  linear,
  Module,
  multiply,
  ones,
  Parameter,
  permute,
  reshape,
  type Rng,
  scaleAndShift,
  sigmoid,
  slice,
  sqrt,
  square,
  sum,
  tensor,
  type Tensor,
  zeros,
} from "@x/layers";
import { AttentionInWindows, type WindowAttentionOptions } from "../swin/window-attention.ts";
import type { WindowPlan } from "../swin/window-plan.ts";
import { logSpacedOffsets } from "./log-spaced-offsets.ts";

/**
 * The small network that makes position biases of offsets; 512 channels inside. Liu et al. 2022, §3.3. It isn't one of the model's linear layers: it stays
 * float32 beside int8 weights, and adapters pass it by.
 */
export class PositionBias extends Module {
  readonly weight1: Parameter;
  readonly bias1: Parameter;
  readonly weight2: Parameter;

  constructor(numHeads: number) {
    super();
    this.weight1 = new Parameter([512, 2]);
    this.bias1 = new Parameter([512]);
    this.weight2 = new Parameter([numHeads, 512]);
  }

  /** offsets (K, 2) → biases from 0 to 16 (K, h) */
  forward(offsets: Tensor): Tensor {
    const inner = linear(offsets, this.weight1, this.bias1, { activation: "relu" }); // (K, 512)
    return scaleAndShift(sigmoid(linear(inner, this.weight2)), 16, 0);
  }

  /** N(0, 0.02²), zero biases. */
  override initialize(rng: Rng): this {
    for (const weight of [this.weight1, this.weight2]) fillTruncatedNormal(weight, rng, 0.02);
    fillZeros(this.bias1);
    return this;
  }
}

export interface CosineWindowAttentionOptions extends WindowAttentionOptions {
  readonly window: readonly [height: number, width: number];
  /** Side of the windows that the position biases were trained for; 0 for this window's own. */
  readonly pretrainedWindowSize: number;
}

/**
 * Attention within windows by cosines: softmax(cos(Q, K) · s + B)·V with a learned scale s for each head, at most 100, and B from a network over
 * log-spaced offsets. Liu et al. 2022, "Swin Transformer V2", §3.2 and §3.3. Keys have no bias.
 */
export class CosineWindowAttention extends AttentionInWindows {
  readonly queryBias: Parameter | undefined;
  readonly valueBias: Parameter | undefined;
  /** ln s for each head: (h, 1, 1). */
  readonly logitScale: Parameter;
  readonly positionBias: PositionBias;
  readonly #options: CosineWindowAttentionOptions;

  /** Throws as its superclass's does. */
  constructor(options: CosineWindowAttentionOptions) {
    super({ ...options, qkvBias: false });
    const { width, numHeads, qkvBias = true } = options;
    this.queryBias = qkvBias ? new Parameter([width]) : undefined;
    this.valueBias = qkvBias ? new Parameter([width]) : undefined;
    this.logitScale = new Parameter([numHeads, 1, 1]);
    this.positionBias = new PositionBias(numHeads);
    this.#options = options;
  }

  /** (h, area, area) */
  protected override biasOf({ relativeIndex }: WindowPlan): Tensor {
    const { window, pretrainedWindowSize } = this.#options;
    const offsets = tensor(logSpacedOffsets(window, pretrainedWindowSize)); //                    (K, 2)
    return permute(embedding(relativeIndex, this.positionBias.forward(offsets)), [2, 0, 1]);
  }

  /** Queries and keys of length 1, queries times s. Eq. 2. */
  protected override project(tokens: Tensor): { readonly qkv: Tensor; readonly scale: number } {
    const [batch = 0, length = 0, width = 0] = tokens.shape;
    const { queryBias, valueBias, numHeads } = this;
    const bare = this.qkv.forward(tokens); //                                                     (B, L, 3C)
    const biased = queryBias && valueBias ? add(bare, concat([queryBias, zeros([width]), valueBias], 0)) : bare;
    const heads = reshape(biased, [batch, length, 3, numHeads, width / numHeads]); //             (B, L, 3, h, d)
    const directions = unitLength(slice(heads, 2, 0, 2)); //                                      (B, L, 2, h, d)
    const scale = reshape(exp(clamp(this.logitScale, -Infinity, Math.log(100))), [1, numHeads, 1]);
    const scales = concat([scale, ones([1, numHeads, 1])], 0); //                                            (2, h, 1)
    const qkv = concat([multiply(directions, scales), slice(heads, 2, 2)], 2);
    return { qkv: reshape(qkv, [batch, length, 3 * width]), scale: 1 };
  }

  /** s = 10, zero biases, all else as in its parts. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const bias of [this.queryBias, this.valueBias]) if (bias) fillZeros(bias);
    this.resetScale();
    return this;
  }

  /** s = 10. */
  resetScale(): void {
    this.logitScale.data.fill(Math.log(10));
  }
}

/** x / ‖x‖ along the last axis; zeros, such as a padded token's key, stay zeros, without a gradient. */
function unitLength(x: Tensor): Tensor {
  return divide(x, sqrt(clamp(sum(square(x), -1, { keepAxes: true }), 1e-24)));
}
