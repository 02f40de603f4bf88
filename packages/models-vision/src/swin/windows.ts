/** A map cut into windows: what the tokens, the shift and the padding come to. Lengths in patches. */
export interface WindowGrid {
  /** Size of the map. */
  readonly height: number;
  readonly width: number;
  /** Size with padding, multiples of the window. */
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  readonly window: number;
  /** How far the windows are shifted down and right: 0 or floor(window / 2). */
  readonly shift: number;
}

/**
 * The windows of a map. One that isn't larger than a window is a single window of its own shorter side, unshifted.
 * Liu et al. 2021, §3.2.
 */
export function windowGrid(height: number, width: number, windowSize: number, shifted: boolean): WindowGrid {
  const alone = Math.min(height, width) <= windowSize;
  const window = alone ? Math.min(height, width) : windowSize;
  const padded = (length: number): number => Math.ceil(length / window) * window;
  const shift = shifted && !alone ? Math.floor(windowSize / 2) : 0;
  return { height, width, paddedHeight: padded(height), paddedWidth: padded(width), window, shift };
}

/**
 * Which tokens make up each window after the cyclic shift up and left. Liu et al. 2021, §3.2. With this table attention reads and writes tokens where
 * they lie: neither windows nor the shift are ever copied.
 * @param wrapped whether the shift wraps at the padded map's border or at the map's own, with the padding left in place
 * @returns (nW, M²) token numbers row · paddedWidth + column, windows row by row
 */
export function windowTokens(grid: WindowGrid, wrapped: "padded" | "unpadded" = "padded"): Int32Array {
  const { paddedHeight, paddedWidth, window, shift } = grid;
  const [height, width] = wrapped === "padded" ? [paddedHeight, paddedWidth] : [grid.height, grid.width];
  const [across, area] = [paddedWidth / window, window ** 2];
  return Int32Array.from({ length: paddedHeight * paddedWidth }, (_, at) => {
    const [w, i] = [Math.floor(at / area), at % area];
    const row = Math.floor(w / across) * window + Math.floor(i / window);
    const column = (w % across) * window + (i % window);
    if (row >= height || column >= width) return row * paddedWidth + column;
    return ((row + shift) % height) * paddedWidth + ((column + shift) % width);
  });
}
