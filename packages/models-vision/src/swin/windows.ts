import type { Windowing } from "./config.ts";

/** Two lengths in patches. */
export type Size = readonly [height: number, width: number];

/** A map cut into windows. */
export interface WindowGrid {
  readonly map: Size;
  /** The map with zeros below and to the right, a multiple of the window. */
  readonly padded: Size;
  /** M × M, or less where the map is smaller. */
  readonly window: Size;
  /** How far the windows are shifted down and to the right: 0 or ⌊M / 2⌋. */
  readonly shift: Size;
  /** The torus on which they are shifted: the padded map, or the map itself with the padding left where it is. */
  readonly torus: Size;
}

/**
 * The windows of a map. Liu et al. 2021, §3.2. A side that isn't longer than a window is cut by one window of its own length, and there is nothing to
 * shift: in timm along that side, in Hugging Face along both. The two also differ in whether the shift carries the padding along.
 * @param shift how far the windows are to be shifted: 0, or ⌊M / 2⌋ in every other block
 */
export function windowGrid(map: Size, windowSize: number, shift: number, windowing: Windowing): WindowGrid {
  const fits = map.map((length) => length <= windowSize);
  const window = both(map, (length) => Math.min(length, windowSize));
  const padded = both(map, (length, axis) => Math.ceil(length / window[axis]) * window[axis]);
  const moved = both(map, (_, axis) => ((windowing === "timm" ? fits[axis] : fits.includes(true)) ? 0 : shift));
  return { map, padded, window, shift: moved, torus: windowing === "timm" ? map : padded };
}

const both = (size: Size, of: (length: number, axis: 0 | 1) => number): Size => [of(size[0], 0), of(size[1], 1)];

/**
 * Which tokens make up each window after the cyclic shift up and left. Liu et al. 2021, §3.2. With this table attention reads and writes tokens where
 * they lie: neither windows nor the shift are ever copied.
 * @returns (nW, area) token numbers row · padded width + column, windows row by row: every token once
 */
export function windowTokens({ padded, window, shift, torus }: WindowGrid): Int32Array {
  const area = window[0] * window[1];
  const across = padded[1] / window[1];
  return Int32Array.from({ length: padded[0] * padded[1] }, (_, at) => {
    const [w, i] = [Math.floor(at / area), at % area];
    const row = Math.floor(w / across) * window[0] + Math.floor(i / window[1]);
    const column = (w % across) * window[1] + (i % window[1]);
    if (row >= torus[0] || column >= torus[1]) return row * padded[1] + column;
    return ((row + shift[0]) % torus[0]) * padded[1] + ((column + shift[1]) % torus[1]);
  });
}
