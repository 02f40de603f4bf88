import type { Tensor } from "@x/layers";
import { encode } from "fast-png";

const [SIDE, GAP] = [84, 8];

/** An SVG page: a row for each tensor of images (B, 3, H, W) with values from −1 to 1, a column for each image. */
export function reconstructionPicture(rows: readonly Tensor[], title: string): string {
  const [count = 0] = rows[0]?.shape ?? [];
  const width = count * (SIDE + GAP) + 40;
  const height = rows.length * (SIDE + GAP) + 76;
  const cells = rows.flatMap((images, row) =>
    pngs(images).map((png, column) => cell(png, 20 + column * (SIDE + GAP), 56 + row * (SIDE + GAP))),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">
<rect width="100%" height="100%" fill="#fbfaf8"/>
<text x="20" y="36" font-size="17" font-weight="600" fill="#222">${title}</text>
${cells.join("\n")}
</svg>
`;
}

const cell = (png: Uint8Array, x: number, y: number): string =>
  `<image x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" href="data:image/png;base64,${Buffer.from(png).toString("base64")}" style="image-rendering:pixelated"/>`;

function pngs(images: Tensor): Uint8Array[] {
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
  const values = images.data;
  return Array.from({ length: count }, (_, image) => {
    const data = Uint8Array.from({ length: height * width * channels }, (__, at) => {
      const [pixel, channel] = [Math.floor(at / channels), at % channels];
      const value = values[(image * channels + channel) * height * width + pixel] ?? 0;
      return Math.round(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
    });
    return encode({ width, height, channels: 3, depth: 8, data });
  });
}
