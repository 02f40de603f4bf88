import type { Classification } from "@x/models-vision";

export interface Shown {
  readonly png: Uint8Array;
  readonly truth: string;
  readonly best: readonly Classification[];
  /** Attention on each patch, rows of columns. */
  readonly map: readonly (readonly number[])[];
}

const [SIDE, GAP, TEXT, COLUMNS] = [140, 24, 84, 4];

/** An SVG page: each image beside where the model looked, with the truth and the likeliest labels. */
export function picture(images: readonly Shown[], title: string): string {
  const cell = { width: 2 * SIDE + 8 + GAP, height: SIDE + TEXT + GAP };
  const width = COLUMNS * cell.width + GAP;
  const height = Math.ceil(images.length / COLUMNS) * cell.height + 80;
  const cells = images.map((image, i) => {
    const [x, y] = [GAP + (i % COLUMNS) * cell.width, 64 + Math.floor(i / COLUMNS) * cell.height];
    return `<g transform="translate(${x} ${y})">${drawn(image)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">
<rect width="100%" height="100%" fill="#fbfaf8"/>
<text x="${GAP}" y="40" font-size="20" font-weight="600" fill="#222">${title}</text>
${cells.join("\n")}
</svg>
`;
}

function drawn({ png, truth, best, map }: Shown): string {
  const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const image = (x: number): string =>
    `<image x="${x}" width="${SIDE}" height="${SIDE}" href="${source}" style="image-rendering:pixelated"/>`;
  const rows = best.map(({ label, probability }, i) => {
    const y = SIDE + 34 + 18 * i;
    const bar = Math.max(1, probability * 180);
    const colour = label === truth ? "#2a7f62" : "#c0563f";
    return `<text x="0" y="${y}" font-size="13" fill="#222">${label}</text><rect x="18" y="${y - 10}" width="${bar}" height="11" rx="2" fill="${i === 0 ? colour : "#c9c5bd"}"/><text x="${24 + bar}" y="${y}" font-size="12" fill="#666">${(100 * probability).toFixed(1)} %</text>`;
  });
  return `${image(0)}${image(SIDE + 8)}<g transform="translate(${SIDE + 8} 0)">${heat(map)}</g><text x="0" y="${SIDE + 16}" font-size="12" fill="#888">written: ${truth}</text>${rows.join("")}`;
}

/** Each patch tinted by its share of the attention. */
function heat(map: Shown["map"]): string {
  const values = map.flat();
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const size = SIDE / map.length;
  return map
    .flatMap((row, r) =>
      row.map((value, c) => {
        const share = (value - least) / (most - least || 1);
        return `<rect x="${c * size}" y="${r * size}" width="${size}" height="${size}" fill="hsl(${(48 - 40 * share).toFixed(0)} 95% 55%)" fill-opacity="${(0.08 + 0.62 * share).toFixed(2)}"/>`;
      }),
    )
    .join("");
}
