import {
  activationOf,
  type BlockOptions,
  type BranchNormBlock,
  DropPath,
  dropPathRate,
  FeedForward,
  Module,
  PreNormBlock,
  type Rng,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import type { SwinConfig } from "./config.ts";
import { mergedSize, PatchMerging } from "./patch-merging.ts";
import { WindowAttention, type WindowAttentionOptions, type WindowContext } from "./window-attention.ts";
import { planWindows, type WindowPlan } from "./window-plan.ts";
import { type Size, windowGrid } from "./windows.ts";

/** Tokens and the map that they form. */
export interface TokenMap {
  /** (B, H·W, C) */
  readonly tokens: Tensor;
  /** H × W */
  readonly size: Size;
}

/** What a stage is made of. */
export interface StageParts {
  /** Between the stage before and this one; the first has none. */
  readonly downsample: (Module & { forward(x: Tensor, size: Size): Tensor }) | undefined;
  readonly blocks: (PreNormBlock<WindowContext> | BranchNormBlock<WindowContext>)[];
  /** How a map is cut into windows. @param shifted whether they lie half a window further */
  windows(size: Size, shifted: boolean): WindowPlan;
}

/** Patch merging (not in the first stage), then blocks with regular and shifted windows in turn. Liu et al. 2021, figure 3. */
export class SwinStage extends Module {
  readonly downsample: StageParts["downsample"];
  readonly blocks: StageParts["blocks"];
  readonly #windows: StageParts["windows"];

  constructor({ downsample, blocks, windows }: StageParts) {
    super();
    this.downsample = downsample;
    this.blocks = blocks;
    this.#windows = windows;
  }

  /** (B, H·W, C) → (B, H/2·W/2, 2C); in the first stage the size stays. */
  forward(before: TokenMap, { trace }: TraceOptions = {}): TokenMap {
    const size = this.downsample ? mergedSize(before.size) : before.size;
    let tokens = this.downsample?.forward(before.tokens, before.size) ?? before.tokens;
    trace?.addHiddenState(tokens);
    const [regular, shifted] = [this.#windows(size, false), this.#windows(size, true)];
    for (const [i, block] of this.blocks.entries()) tokens = block.forward(tokens, { plan: i % 2 === 0 ? regular : shifted, trace }); // eq. 3
    return { tokens, size };
  }
}

/** Swin's stage, by number. */
export function swinStage(config: SwinConfig, stage: number, rng: Rng): SwinStage {
  const { blocks, ...attention } = stageShape(config, stage, rng);
  const windowSize = windowSizeOf(config, stage);
  return new SwinStage({
    downsample: stage > 0 ? new PatchMerging(attention.width / 2) : undefined,
    blocks: blocks.map((block) => new PreNormBlock({ ...block, mixer: new WindowAttention({ ...attention, windowSize }) })),
    windows: (size, shifted) =>
      planWindows(windowGrid(size, windowSize, shifted ? Math.floor(windowSize / 2) : 0, config.windowing), windowSize),
  });
}

/** A stage without its attention and its order of norms, in which versions of Swin differ. */
export interface StageShape extends WindowAttentionOptions {
  /** One for each block. */
  readonly blocks: readonly Omit<BlockOptions<WindowContext>, "mixer">[];
}

export function stageShape(config: SwinConfig, stage: number, rng: Rng): StageShape {
  const { depths, layerNormEps, qkvBias, attentionProbsDropoutProb: attentionDropout, hiddenDropoutProb: dropout } = config;
  const width = config.embedDim * 2 ** stage;
  const before = total(depths.slice(0, stage));
  const mlp = {
    hiddenSize: width,
    intermediateSize: Math.floor(width * config.mlpRatio),
    activation: activationOf(config.hiddenAct),
    dropout,
    rng,
  };
  const blocks = Array.from({ length: depths[stage] ?? 0 }, (_, i) => ({
    hiddenSize: width,
    layerNormEps,
    mlp: new FeedForward(mlp),
    dropPath: new DropPath(dropPathRate(config.dropPathRate, before + i, total(depths)), rng),
  }));
  return { width, numHeads: config.numHeads[stage] ?? 0, qkvBias, attentionDropout, dropout, rng, blocks };
}

/** M. */
export const windowSizeOf = ({ windowSize }: SwinConfig, stage: number): number =>
  typeof windowSize === "number" ? windowSize : (windowSize[stage] ?? 0);

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
