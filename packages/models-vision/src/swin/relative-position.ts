import type { Size } from "./windows.ts";

/**
 * Which row of the bias table each pair of patches in a window uses: (dy + M − 1) · (2M − 1) + dx + M − 1, where d is query minus key.
 * Liu et al. 2021, §3.2, "Relative position bias".
 * @param window at most M × M
 * @param tableWindow M of the table, which has (2M − 1)² rows
 * @returns (area, area)
 */
export function relativePositionIndex([height, width]: Size, tableWindow: number): Int32Array {
  const area = height * width;
  return Int32Array.from({ length: area ** 2 }, (_, at) => {
    const [query, key] = [Math.floor(at / area), at % area];
    const dy = Math.floor(query / width) - Math.floor(key / width);
    const dx = (query % width) - (key % width);
    return (dy + tableWindow - 1) * (2 * tableWindow - 1) + dx + tableWindow - 1;
  });
}
