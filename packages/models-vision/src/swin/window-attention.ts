import {
  Dropout,
  embedding,
  explicitSelfAttention,
  fillTruncatedNormal,
  gatherTokens,
  intTensor,
  Linear,
  Module,
  Parameter,
  permute,
  reshape,
  type Rng,
  selfAttention,
  slice,
  type Tensor,
  type TokenMixer,
  type Trace,
} from "@x/layers";
import { checkHeads } from "@x/layers/model";
import { padEnd } from "./pad-end.ts";
import type { WindowPlan } from "./window-plan.ts";

/** What a stage hands to each of its blocks. */
export interface WindowContext {
  /** How its map is cut into windows. */
  readonly plan: WindowPlan;
  readonly trace?: Trace | undefined;
}

export interface WindowAttentionOptions {
  readonly width: number;
  readonly numHeads: number;
  /** Whether query, key and value have biases. Default true. */
  readonly qkvBias?: boolean | undefined;
  /** Dropout on the attention probabilities. Default 0. */
  readonly attentionDropout?: number | undefined;
  /** Dropout on the output. Default 0. */
  readonly dropout?: number | undefined;
  /** What dropout draws from; needed when one isn't 0. */
  readonly rng?: Rng | undefined;
}

/** Self-attention within windows: softmax(Q·Kᵀ / √d + B)·V, B what the subclass has for relative positions. Whether the windows are shifted is the plan's business. */
export abstract class AttentionInWindows extends Module implements TokenMixer<WindowContext> {
  readonly qkv: Linear;
  readonly proj: Linear;
  readonly attentionDropout: Dropout;
  readonly dropout: Dropout;
  readonly numHeads: number;

  /** @throws ArgumentError when the heads don't divide the width, or dropout isn't 0 and there is no rng */
  constructor({ width, numHeads, qkvBias = true, attentionDropout = 0, dropout = 0, rng }: WindowAttentionOptions) {
    super();
    checkHeads("WindowAttention", width, numHeads);
    this.qkv = new Linear(width, 3 * width, { bias: qkvBias });
    this.proj = new Linear(width, width);
    this.attentionDropout = new Dropout(attentionDropout, rng);
    this.dropout = new Dropout(dropout, rng);
    this.numHeads = numHeads;
  }

  /** What is added to the scores of each pair in a window: (h, area, area). */
  protected abstract biasOf(plan: WindowPlan): Tensor;

  /** tokens (B, L, C) → queries, keys and values (B, L, 3C), and what multiplies their products if not 1 / √d. */
  protected project(tokens: Tensor): { readonly qkv: Tensor; readonly scale?: number | undefined } {
    return { qkv: this.qkv.forward(tokens) };
  }

  /** x (B, H·W, C) → (B, H·W, C) */
  forward(x: Tensor, { plan, trace }: WindowContext): Tensor {
    const [batch = 0, , channels = 0] = x.shape;
    const [height, width] = plan.grid.map;
    const [paddedHeight, paddedWidth] = plan.grid.padded;
    const padded = padEnd(padEnd(reshape(x, [batch, height, width, channels]), 2, paddedWidth), 1, paddedHeight);
    const tokens = reshape(padded, [batch, paddedHeight * paddedWidth, channels]); //                 (B, L, C), L padded tokens
    const attended = reshape(this.#attend(tokens, plan, trace), padded.shape); //                     (B, Hp, Wp, C)
    const cropped = slice(slice(attended, 1, 0, height), 2, 0, width); //                             (B, H, W, C)
    return this.dropout.forward(this.proj.forward(reshape(cropped, x.shape)));
  }

  /** tokens (B, L, C) → (B, L, C), each attending within its window. Fused, unless somebody wants the probabilities: to look at or to drop some. */
  #attend(tokens: Tensor, plan: WindowPlan, trace?: Trace): Tensor {
    const { windows, places, mask } = plan;
    const { qkv, scale } = this.project(tokens); //                                                   (B, L, 3C)
    const options = { numHeads: this.numHeads, scale, bias: this.biasOf(plan), ...(mask ? { mask } : {}) };
    if (!trace?.wantsAttentions && !this.attentionDropout.isActiveOn(qkv)) return selfAttention(qkv, { ...options, windows });
    const [batch = 0, length = 0, width = 0] = qkv.shape;
    const [, area = 1] = windows.shape;
    const partitioned = reshape(gatherTokens(qkv, repeated(windows, batch)), [-1, area, width]); //   (B·nW, area, 3C)
    const { output, probabilities } = explicitSelfAttention(partitioned, options, this.attentionDropout);
    trace?.addAttention(probabilities);
    return gatherTokens(reshape(output, [batch, length, width / 3]), repeated(places, batch));
  }
}

/** B from a table of relative positions in windows of M × M patches. Liu et al. 2021, §3.2, eq. 4. */
export class WindowAttention extends AttentionInWindows {
  /** A bias for each relative position and head: ((2M − 1)², heads). */
  readonly relativePositionBiasTable: Parameter;

  /** @param options.windowSize side M of a window in patches. Throws as its superclass's does */
  constructor(options: WindowAttentionOptions & { readonly windowSize: number }) {
    super(options);
    this.relativePositionBiasTable = new Parameter([(2 * options.windowSize - 1) ** 2, options.numHeads]);
  }

  protected override biasOf({ relativeIndex }: WindowPlan): Tensor {
    return permute(embedding(relativeIndex, this.relativePositionBiasTable), [2, 0, 1]);
  }

  /** N(0, 0.02²) for the table, the projections as `Linear` has them. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillTruncatedNormal(this.relativePositionBiasTable, rng, 0.02);
    return this;
  }
}

/** (nW, area) → (B, nW·area), the same row for every image. */
function repeated(table: Tensor<"int32">, batch: number): Tensor<"int32"> {
  const rows = new Int32Array(batch * table.size);
  for (let b = 0; b < batch; b++) rows.set(table.data, b * table.size);
  return intTensor(rows, [batch, table.size]);
}
