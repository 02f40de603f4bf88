import { encodePng, type RgbImage } from "@x/models-vision";
import { escaped } from "./tiles.ts";

const CELL = 64;

/** Pictures in rows, names in columns, and how alike they are: (rows × columns) cosines. */
export function emojiMatrix(pictures: readonly RgbImage[], names: readonly string[], cosines: readonly ArrayLike<number>[]): string {
  const [left, top] = [CELL + 24, 40];
  const [width, height] = [left + CELL * names.length + 14, top + CELL * pictures.length + 14];
  const most = Math.max(...cosines.flatMap((row) => Array.from(row)));
  const rows = pictures.map((picture, r) => {
    const y = top + r * CELL;
    const href = `data:image/png;base64,${Buffer.from(encodePng({ ...picture, data: Uint8Array.from(picture.data) })).toString("base64")}`;
    const cells = names.map((_, c) => {
      const cosine = cosines[r]?.[c] ?? 0;
      const [x, share] = [left + c * CELL, Math.max(0, cosine) / most];
      return `<rect x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}" rx="5" fill="#2f6690" fill-opacity="${(0.05 + 0.9 * share ** 2).toFixed(3)}"/><text x="${x + CELL / 2}" y="${y + CELL / 2 + 4}" text-anchor="middle" fill="${share > 0.7 ? "#fff" : "#444"}">${cosine.toFixed(2)}</text>`;
    });
    return `<image x="14" y="${y + 2}" width="${CELL - 6}" height="${CELL - 6}" href="${href}"/>${cells.join("")}`;
  });
  const heads = names.map(
    (name, c) => `<text x="${left + c * CELL + CELL / 2}" y="${top - 10}" text-anchor="middle">${escaped(name)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11.5" fill="#333">
<rect width="100%" height="100%" fill="#fbfaf8"/>
${[...heads, ...rows].join("\n")}
</svg>
`;
}
