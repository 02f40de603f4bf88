import {
  checkHeads, Dropout, embedding, explicitSelfAttention, fillTruncatedNormal, gatherTokens, intTensor, Linear, Module, Parameter, permute, reshape, type Rng,
  selfAttention, slice, type Tensor, type TokenMixer, type Trace,
} from "@x/layers";
import type { SwinConfig } from "./config.ts";
import { padEnd } from "./pad-end.ts";
import { WindowPlan } from "./window-plan.ts";
import type { Size } from "./windows.ts";

/** The map that a stage's tokens form. */
export interface MapContext {
  readonly map: Size;
  readonly trace?: Trace | undefined;
}

/** Whether `selfAttention` takes `windows`. */
const fusedWindows: boolean = false;

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
  readonly #plans: { of(map: Size): WindowPlan; dispose(): void };

  constructor(config: SwinConfig, stage: { readonly width: number; readonly numHeads: number; readonly windowSize: number }, shifted: boolean, rng: Rng) {
    super();
    const { width, numHeads, windowSize } = stage;
    checkHeads("WindowAttention", width, numHeads);
    this.qkv = new Linear(width, 3 * width, { bias: config.qkvBias });
    this.proj = new Linear(width, width);
    this.relativePositionBiasTable = new Parameter([(2 * windowSize - 1) ** 2, numHeads]);
    this.attentionDropout = new Dropout(config.attentionProbsDropoutProb, rng);
    this.dropout = new Dropout(config.hiddenDropoutProb, rng);
    this.numHeads = numHeads;
    this.#plans = lastPlan((map) => new WindowPlan(map, windowSize, shifted, config.windowing));
  }
}
