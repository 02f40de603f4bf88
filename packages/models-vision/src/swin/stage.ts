import {
  activationOf,
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
import { WindowAttention, type WindowContext } from "./window-attention.ts";
import { planWindows } from "./window-plan.ts";
import { type Size, windowGrid } from "./windows.ts";

/** Tokens and the map that they form. */
export interface TokenMap {
  /** (B, H·W, C) */
  readonly tokens: Tensor;
  /** H × W */
  readonly size: Size;
}

/** Patch merging (not in the first stage), then blocks with regular and shifted windows in turn. Liu et al. 2021, figure 3. */
export class SwinStage extends Module {
  readonly downsample: PatchMerging | undefined;
  readonly blocks: PreNormBlock<WindowContext>[];
  readonly #windowing: SwinConfig["windowing"];
  readonly #windowSize: number;

  constructor(config: SwinConfig, stage: number, rng: Rng) {
    super();
    const width = config.embedDim * 2 ** stage;
    const { depths, windowSize } = config;
    this.#windowing = config.windowing;
    this.#windowSize = typeof windowSize === "number" ? windowSize : (windowSize[stage] ?? 0);
    this.downsample = stage > 0 ? new PatchMerging(width / 2) : undefined;
    const before = total(depths.slice(0, stage));
    this.blocks = Array.from({ length: depths[stage] ?? 0 }, (_, i) => {
      const dropPath = new DropPath(dropPathRate(config.dropPathRate, before + i, total(depths)), rng);
      return swinBlock(config, { width, numHeads: config.numHeads[stage] ?? 0, windowSize: this.#windowSize }, dropPath, rng);
    });
  }

  /** (B, H·W, C) → (B, H/2·W/2, 2C); in the first stage the size stays. */
  forward(before: TokenMap, { trace }: TraceOptions = {}): TokenMap {
    const size = this.downsample ? mergedSize(before.size) : before.size;
    let tokens = this.downsample?.forward(before.tokens, before.size) ?? before.tokens;
    trace?.addHiddenState(tokens);
    const windows = (shift: number) => planWindows(windowGrid(size, this.#windowSize, shift, this.#windowing), this.#windowSize);
    const [regular, shifted] = [windows(0), windows(Math.floor(this.#windowSize / 2))];
    for (const [i, block] of this.blocks.entries()) tokens = block.forward(tokens, { plan: i % 2 === 0 ? regular : shifted, trace }); // eq. 3
    return { tokens, size };
  }
}

/** LN → window attention → +, LN → MLP → +. Eq. 3. */
function swinBlock(
  config: SwinConfig,
  stage: { readonly width: number; readonly numHeads: number; readonly windowSize: number },
  dropPath: DropPath,
  rng: Rng,
): PreNormBlock<WindowContext> {
  const { layerNormEps, qkvBias, attentionProbsDropoutProb: attentionDropout, hiddenDropoutProb: dropout } = config;
  const intermediateSize = Math.floor(stage.width * config.mlpRatio);
  return new PreNormBlock({
    hiddenSize: stage.width,
    layerNormEps,
    mixer: new WindowAttention({ ...stage, qkvBias, attentionDropout, dropout, rng }),
    mlp: new FeedForward({ hiddenSize: stage.width, intermediateSize, activation: activationOf(config.hiddenAct), dropout, rng }),
    dropPath,
  });
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
