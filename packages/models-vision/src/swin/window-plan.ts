import { intTensor, tensor, type Tensor } from "@x/layers";
import { relativePositionIndex } from "./relative-position.ts";
import { shiftMask } from "./shift-mask.ts";
import { type WindowGrid, windowTokens } from "./windows.ts";

/** The tables with which attention finds its way in the windows of one map; all blocks of a stage share them. */
export interface WindowPlan {
  readonly grid: WindowGrid;
  /** Token of each place in the windows: (nW, area). */
  readonly windows: Tensor<"int32">;
  /** Place in the windows of each token: the inverse, of the same shape. */
  readonly places: Tensor<"int32">;
  /** (nW, area, area); none without a shift. */
  readonly mask?: Tensor | undefined;
  /** Row of the bias table for each pair in a window: (area, area). */
  readonly relativeIndex: Tensor<"int32">;
}

/** @param tableWindow side M of the windows that the bias table is for @param forbidden see `shiftMask` */
export function planWindows(grid: WindowGrid, tableWindow: number, forbidden?: number): WindowPlan {
  const area = grid.window[0] * grid.window[1];
  const tokens = windowTokens(grid);
  const places = new Int32Array(tokens.length);
  for (const [place, token] of tokens.entries()) places[token] = place;
  const shape = [tokens.length / area, area];
  return {
    grid,
    windows: intTensor(tokens, shape),
    places: intTensor(places, shape),
    relativeIndex: intTensor(relativePositionIndex(grid.window, tableWindow), [area, area]),
    ...(grid.shift.some((by) => by > 0) ? { mask: tensor(shiftMask(grid, forbidden), [...shape, area]) } : {}),
  };
}
