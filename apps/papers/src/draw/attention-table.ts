import { escaped } from "./tiles.ts";

const CELL = 24;

/** Who looks at what: (rows × columns) weights from 0 to 1, with words at both sides. */
export function attentionTable(weights: ArrayLike<number>, rows: readonly string[], columns: readonly string[]): string {
  const [left, top] = [24 + 8 * Math.max(...rows.map((row) => row.length)), 24 + 6 * Math.max(...columns.map((column) => column.length))];
  const [width, height] = [left + CELL * columns.length + 60, top + CELL * rows.length + 14];
  const cells = rows.flatMap((_, r) =>
    columns.map((__, c) => {
      const share = Math.min(1, weights[r * columns.length + c] ?? 0);
      return `<rect x="${left + c * CELL}" y="${top + r * CELL}" width="${CELL - 1}" height="${CELL - 1}" rx="3" fill="#2f6690" fill-opacity="${(0.04 + 0.96 * share).toFixed(3)}"/>`;
    }),
  );
  const names = [
    ...rows.map((row, r) => `<text x="${left - 8}" y="${top + r * CELL + 16}" text-anchor="end">${escaped(row)}</text>`),
    ...columns.map((column, c) => `<text transform="translate(${left + c * CELL + 14} ${top - 8}) rotate(-50)">${escaped(column)}</text>`),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" fill="#333">
<rect width="100%" height="100%" fill="#fbfaf8"/>
${[...cells, ...names].join("\n")}
</svg>
`;
}
