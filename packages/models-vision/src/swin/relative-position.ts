/**
 * Which row of the bias table each pair of patches in a window uses: (dy + M − 1) · (2M − 1) + dx + M − 1, where d is query minus key.
 * Liu et al. 2021, §3.2, "Relative position bias".
 * @param window side of the windows, at most `tableWindow`
 * @param tableWindow M of the table, which has (2M − 1)² rows
 * @returns (window², window²)
 */
export function relativePositionIndex(window: number, tableWindow: number = window): Int32Array {
  const area = window ** 2;
  return Int32Array.from({ length: area ** 2 }, (_, at) => {
    const [query, key] = [Math.floor(at / area), at % area];
    const dy = Math.floor(query / window) - Math.floor(key / window);
    const dx = (query % window) - (key % window);
    return (dy + tableWindow - 1) * (2 * tableWindow - 1) + dx + tableWindow - 1;
  });
}
