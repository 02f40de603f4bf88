import { intTensor, keep, tensor, type Tensor } from "@x/layers";
import type { Windowing } from "./config.ts";
import { relativePositionIndex } from "./relative-position.ts";
import { shiftMask } from "./shift-mask.ts";
import { type Size, windowGrid, type WindowGrid, windowTokens } from "./windows.ts";

/** The tables that the windows of one map size need, made once. Its tensors live until it is disposed of. */
export class WindowPlan implements Disposable {
  readonly grid: WindowGrid;
  /** Token of each place in the windows: (nW, area). */
  readonly windows: Tensor<"int32">;
  /** Place in the windows of each token: the inverse, of the same shape. */
  readonly places: Tensor<"int32">;
  /** (nW, area, area); none without a shift. */
  readonly mask: Tensor | undefined;
  /** Row of the bias table for each pair in a window: (area, area). */
  readonly relativeIndex: Tensor<"int32">;

  constructor(map: Size, windowSize: number, shifted: boolean, windowing: Windowing) {
    const grid = (this.grid = windowGrid(map, windowSize, shifted, windowing));
    const area = grid.window[0] * grid.window[1];
    const tokens = windowTokens(grid);
    const numWindows = tokens.length / area;
    const places = new Int32Array(tokens.length);
    for (const [place, token] of tokens.entries()) places[token] = place;
    this.windows = keep(intTensor(tokens, [numWindows, area]));
    this.places = keep(intTensor(places, [numWindows, area]));
    this.mask = grid.shift.some((by) => by > 0) ? keep(tensor(shiftMask(grid), [numWindows, area, area])) : undefined;
    this.relativeIndex = keep(intTensor(relativePositionIndex(grid.window, windowSize), [area, area]));
  }

  isFor([height, width]: Size): boolean {
    return this.grid.map[0] === height && this.grid.map[1] === width;
  }

  dispose(): void {
    for (const made of [this.windows, this.places, this.mask, this.relativeIndex]) made?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
