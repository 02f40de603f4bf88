/**
 * Which patches of a shifted window may not see each other. After the cyclic shift a window at the border holds patches that aren't neighbours in the
 * image; each pair of different regions gets −100 before softmax. Liu et al. 2021, §3.2, figure 4.
 *
 * Regions are numbered 3 · row band + column band, with bands split at length − M and length − shift.
 * @returns (nW, M², M²), windows row by row: 0 or −100
 */
export function shiftMask(height: number, width: number, window: number, shift: number): Float32Array {
  const band = (position: number, length: number): number => (position < length - window ? 0 : position < length - shift ? 1 : 2);
  const [down, across, area] = [height / window, width / window, window ** 2];
  const mask = new Float32Array(down * across * area ** 2);
  for (let w = 0; w < down * across; w++) {
    const [top, left] = [Math.floor(w / across) * window, (w % across) * window];
    const regions = Array.from({ length: area }, (_, i) => {
      const [row, column] = [top + Math.floor(i / window), left + (i % window)];
      return 3 * band(row, height) + band(column, width);
    });
    for (let i = 0; i < area; i++) {
      for (let j = 0; j < area; j++) if (regions[i] !== regions[j]) mask[(w * area + i) * area + j] = -100;
    }
  }
  return mask;
}
