import { BranchNormBlock, LayerNorm, Linear, Module, type Rng, type Tensor } from "@x/layers";
import { patchGrid } from "@x/layers/model";
import { neighbourhoods } from "../swin/patch-merging.ts";
import { stageShape, SwinStage, windowSizeOf } from "../swin/stage.ts";
import { planWindows } from "../swin/window-plan.ts";
import type { Size, WindowGrid } from "../swin/windows.ts";
import type { SwinV2Config } from "./config.ts";
import { CosineWindowAttention } from "./cosine-window-attention.ts";

/** Patch merging with the norm behind the projection. Liu et al. 2022, the authors' code. */
export class PatchMergingV2 extends Module {
  readonly reduction: Linear;
  readonly norm: LayerNorm;

  constructor(width: number) {
    super();
    this.reduction = new Linear(4 * width, 2 * width, { bias: false });
    this.norm = new LayerNorm(2 * width, 1e-5);
  }

  /** x (B, H·W, C) → (B, ⌈H/2⌉·⌈W/2⌉, 2C) */
  forward(x: Tensor, size: Size): Tensor {
    return this.norm.forward(this.reduction.forward(neighbourhoods(x, size)));
  }
}

/** Swin V2's stage, by number. */
export function swinV2Stage(config: SwinV2Config, stage: number, rng: Rng): SwinStage {
  const { blocks, ...attention } = stageShape(config, stage, rng);
  const { window, shift } = windowsOf(config, stage);
  const pretrainedWindowSize = config.pretrainedWindowSizes[stage] ?? 0;
  const forbidden = config.windowing === "huggingFace" ? -200 : -100; // Hugging Face adds its mask twice
  return new SwinStage({
    downsample: stage > 0 ? new PatchMergingV2(attention.width / 2) : undefined,
    blocks: blocks.map(
      (block) => new BranchNormBlock({ ...block, mixer: new CosineWindowAttention({ ...attention, window, pretrainedWindowSize }) }),
    ),
    windows: (map, shifted) => planWindows(grid(map, window, shifted ? shift : [0, 0], config), Math.max(...window), forbidden),
  });
}

/**
 * A stage's windows and how far they are shifted: fixed by the image size of the config, however large an image is. A side that fits in a window isn't shifted.
 * Hugging Face has squares, by the height.
 */
function windowsOf(config: SwinV2Config, stage: number): { readonly window: Size; readonly shift: Size } {
  const { imageSize, patchSize, alwaysPartition } = config;
  const isTimms = config.windowing === "timm";
  const windowSize = windowSizeOf(config, stage);
  const along = (patches: number): readonly [length: number, shift: number] => {
    const side = (isTimms ? Math.ceil : Math.floor)(patches / 2 ** stage);
    return !alwaysPartition && side <= windowSize ? [side, 0] : [windowSize, Math.floor(windowSize / 2)];
  };
  const [rows, columns] = patchGrid(imageSize, patchSize);
  const [down, across] = [along(rows), along(isTimms ? columns : rows)];
  return { window: [down[0], across[0]], shift: [down[1], across[1]] };
}

/** Hugging Face pads a map, then shifts it; timm shifts, then pads. */
function grid(map: Size, window: Size, shift: Size, { windowing }: SwinV2Config): WindowGrid {
  const padded: Size = [Math.ceil(map[0] / window[0]) * window[0], Math.ceil(map[1] / window[1]) * window[1]];
  return { map, padded, window, shift, torus: windowing === "timm" ? map : padded };
}
