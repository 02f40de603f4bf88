import { concat, LayerNorm, Linear, Module, reshape, slice, type Tensor } from "@x/layers";
import { padEnd } from "./pad-end.ts";
import type { Size } from "./windows.ts";

/**
 * Each 2 × 2 neighbourhood of patches becomes one of twice the width: concatenated, normed, projected. Liu et al. 2021, §3.1.
 * Their order is (row, column) = (0, 0), (1, 0), (0, 1), (1, 1); odd sizes are padded with zeros below and to the right.
 */
export class PatchMerging extends Module {
  readonly norm: LayerNorm;
  readonly reduction: Linear;

  constructor(width: number) {
    super();
    this.norm = new LayerNorm(4 * width, 1e-5);
    this.reduction = new Linear(4 * width, 2 * width, { bias: false });
  }

  /** x (B, H·W, C) → (B, ⌈H/2⌉·⌈W/2⌉, 2C) */
  forward(x: Tensor, size: Size): Tensor {
    return this.reduction.forward(this.norm.forward(neighbourhoods(x, size)));
  }
}

/** x (B, H·W, C) → 2 × 2 patches side by side (B, ⌈H/2⌉·⌈W/2⌉, 4C) */
export function neighbourhoods(x: Tensor, [height, width]: Size): Tensor {
  const [batch = 0, , channels = 0] = x.shape;
  const [down, across] = mergedSize([height, width]);
  const even = padEnd(padEnd(reshape(x, [batch, height, width, channels]), 2, 2 * across), 1, 2 * down);
  const split = reshape(even, [batch, down, 2, across, 2, channels]);
  const at = (row: number, column: number) => slice(slice(split, 2, row, row + 1), 4, column, column + 1);
  const merged = concat([at(0, 0), at(1, 0), at(0, 1), at(1, 1)], 5); //  (B, down, 1, across, 1, 4C)
  return reshape(merged, [batch, down * across, 4 * channels]);
}

export const mergedSize = ([height, width]: Size): Size => [Math.ceil(height / 2), Math.ceil(width / 2)];
