import {
  checkHeads, Dropout, embedding, explicitSelfAttention, fillTruncatedNormal, gatherTokens, intTensor, keep, Linear, Module, Parameter, permute, reshape,
  type Rng, selfAttention, slice, tensor, type Tensor, type TokenMixer, type Trace,
} from "@x/layers";
import type { SwinConfig } from "./config.ts";
import { padEnd } from "./pad-end.ts";
import { relativePositionIndex } from "./relative-position.ts";
import { shiftMask } from "./shift-mask.ts";
import { windowGrid, type WindowGrid, windowTokens } from "./windows.ts";

/** The map that a stage's tokens form. */
export interface MapContext {
  readonly height: number;
  readonly width: number;
  readonly trace?: Trace;
}

/**
 * Self-attention within windows of M × M patches: softmax(Q·Kᵀ / √d + B)·V with B from a table of relative positions. Liu et al. 2021, §3.2, eq. 4.
 * In every other block the windows are shifted by half their side.
 */
export class WindowAttention extends Module implements TokenMixer<MapContext> {
  readonly qkv: Linear;
  readonly proj: Linear;
  /** A bias for each relative position and head: ((2M − 1)², heads). */
  readonly relativePositionBiasTable: Parameter;
  readonly attentionDropout: Dropout;
  readonly dropout: Dropout;
  readonly numHeads: number;
  readonly windowSize: number;
  readonly #shifted: boolean;
  readonly #padding: SwinConfig["padding"];
  #plan: WindowPlan | undefined;

  constructor(config: SwinConfig, width: number, numHeads: number, shifted: boolean, rng: Rng) {
    super();
    checkHeads("WindowAttention", width, numHeads);
    this.qkv = new Linear(width, 3 * width, { bias: config.qkvBias });
    this.proj = new Linear(width, width);
    this.relativePositionBiasTable = new Parameter([(2 * config.windowSize - 1) ** 2, numHeads]);
    this.attentionDropout = new Dropout(config.attentionProbsDropoutProb, rng);
    this.dropout = new Dropout(config.hiddenDropoutProb, rng);
    this.numHeads = numHeads;
    this.windowSize = config.windowSize;
    this.#shifted = shifted;
    this.#padding = config.padding;
  }

  /** x (B, H·W, C) → (B, H·W, C) */
  forward(x: Tensor, { height, width, trace }: MapContext): Tensor {
    const [batch = 0, , channels = 0] = x.shape;
    const plan = this.#planFor(height, width);
    const { paddedHeight, paddedWidth } = plan.grid;
    const padded = padEnd(padEnd(reshape(x, [batch, height, width, channels]), 2, paddedWidth), 1, paddedHeight);
    const qkv = this.qkv.forward(reshape(padded, [batch, paddedHeight * paddedWidth, channels])); // (B, L, 3C), L padded tokens
    const attended = reshape(this.#attend(qkv, plan, trace), padded.shape); //                       (B, Hp, Wp, C)
    const cropped = slice(slice(attended, 1, 0, height), 2, 0, width); //                            (B, H, W, C)
    return this.dropout.forward(this.proj.forward(reshape(cropped, x.shape)));
  }

  /** qkv (B, L, 3C) → (B, L, C), each token attending within its window. */
  #attend(qkv: Tensor, { grid, windows, backToTokens, mask, relativeIndex }: WindowPlan, trace?: Trace): Tensor {
    const bias = permute(embedding(relativeIndex, this.relativePositionBiasTable), [2, 0, 1]); //    (h, M², M²)
    const options = { numHeads: this.numHeads, bias, ...(mask ? { mask } : {}) };
    if (!trace?.wantsAttentions && !this.attentionDropout.active) return selfAttention(qkv, { ...options, windows });
    const [batch = 0, length = 0, channels = 0] = qkv.shape;
    const partitioned = reshape(gatherTokens(qkv, repeated(windows, batch)), [-1, grid.window ** 2, channels]); // (B·nW, M², 3C)
    const { output, probabilities } = explicitSelfAttention(partitioned, options, this.attentionDropout);
    trace?.addAttention(probabilities);
    return gatherTokens(reshape(output, [batch, length, channels / 3]), repeated(backToTokens, batch));
  }

  /** N(0, 0.02²) truncated for the table, the projections as `Linear` has them. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillTruncatedNormal(this.relativePositionBiasTable, rng, 0.02);
    return this;
  }

  override dispose(): void {
    super.dispose();
    this.#plan?.dispose();
    this.#plan = undefined;
  }

  /** The last map's plan is kept: images of one size share it. */
  #planFor(height: number, width: number): WindowPlan {
    if (this.#plan?.grid.height !== height || this.#plan.grid.width !== width) {
      this.#plan?.dispose();
      this.#plan = new WindowPlan(windowGrid(height, width, this.windowSize, this.#shifted), this.windowSize, this.#padding);
    }
    return this.#plan;
  }
}

/** What the windows of one map size need, made once. */
class WindowPlan {
  readonly grid: WindowGrid;
  /** Token of each place in the windows: (nW, M²). */
  readonly windows: Tensor<"int32">;
  /** Place in the windows of each token: (nW, M²). */
  readonly backToTokens: Tensor<"int32">;
  /** (nW, M², M²); none without a shift. */
  readonly mask: Tensor | undefined;
  /** (M², M²) */
  readonly relativeIndex: Tensor<"int32">;

  constructor(grid: WindowGrid, tableWindow: number, padding: SwinConfig["padding"]) {
    const { paddedHeight, paddedWidth, window, shift } = grid;
    const area = window ** 2;
    const tokens = windowTokens(grid, padding === "beforeShift" ? "padded" : "unpadded");
    const back = new Int32Array(tokens.length);
    for (const [place, token] of tokens.entries()) back[token] = place;
    this.grid = grid;
    this.windows = keep(intTensor(tokens, [tokens.length / area, area]));
    this.backToTokens = keep(intTensor(back, [tokens.length / area, area]));
    this.mask = shift > 0 ? keep(tensor(shiftMask(paddedHeight, paddedWidth, window, shift), [tokens.length / area, area, area])) : undefined;
    this.relativeIndex = keep(intTensor(relativePositionIndex(window, tableWindow), [area, area]));
  }

  dispose(): void {
    for (const made of [this.windows, this.backToTokens, this.mask, this.relativeIndex]) made?.dispose();
  }
}

/** (nW, M²) → (B, nW·M²), the same row for every image. */
function repeated(table: Tensor<"int32">, batch: number): Tensor<"int32"> {
  const row = table.data;
  const rows = new Int32Array(batch * row.length);
  for (let b = 0; b < batch; b++) rows.set(row, b * row.length);
  return intTensor(rows, [batch, row.length]);
}
