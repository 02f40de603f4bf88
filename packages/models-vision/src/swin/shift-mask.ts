import type { WindowGrid } from "./windows.ts";

/**
 * Which patches of a shifted window may not see each other. After the cyclic shift a window at the border holds patches that aren't neighbours in the
 * image; each pair of different regions gets so little before softmax. Liu et al. 2021, §3.2, figure 4.
 *
 * Regions are numbered 3 · row band + column band, with bands split at length − M and length − shift of the padded map.
 * @param forbidden what they get. Default −100
 * @returns (nW, area, area), windows row by row: 0 or `forbidden`
 */
export function shiftMask({ padded, window, shift }: Pick<WindowGrid, "padded" | "window" | "shift">, forbidden = -100): Float32Array {
  const band = (position: number, axis: 0 | 1): number =>
    position < padded[axis] - window[axis] ? 0 : position < padded[axis] - shift[axis] ? 1 : 2;
  const area = window[0] * window[1];
  const across = padded[1] / window[1];
  const numWindows = (padded[0] / window[0]) * across;
  const mask = new Float32Array(numWindows * area ** 2);
  for (let w = 0; w < numWindows; w++) {
    const [top, left] = [Math.floor(w / across) * window[0], (w % across) * window[1]];
    const regions = Array.from({ length: area }, (_, i) => 3 * band(top + Math.floor(i / window[1]), 0) + band(left + (i % window[1]), 1));
    for (let i = 0; i < area; i++) {
      for (let j = 0; j < area; j++) if (regions[i] !== regions[j]) mask[(w * area + i) * area + j] = forbidden;
    }
  }
  return mask;
}
