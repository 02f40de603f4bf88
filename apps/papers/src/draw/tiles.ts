/** Small pictures side by side: filters, attention, images, matrices. */
import { encodePng, type RgbImage } from "@x/models-vision";

export interface Tile {
  readonly image: RgbImage;
  /** Below it. Default nothing. */
  readonly label?: string | undefined;
}

export interface TilesOptions {
  readonly columns: number;
  /** Of a tile, in pixels. Default 64. */
  readonly size?: number | undefined;
  /** Before each row. Default none. */
  readonly rows?: readonly string[] | undefined;
}

export function tiles(shown: readonly Tile[], { columns, size = 64, rows = [] }: TilesOptions): string {
  const margin = rows.length > 0 ? 20 + 7 * Math.max(...rows.map((row) => row.length)) : 14;
  const step = { x: size + 8, y: size + (shown.some(({ label }) => label !== undefined) ? 24 : 8) };
  const [width, height] = [margin + columns * step.x + 6, 14 + Math.ceil(shown.length / columns) * step.y + 6];
  const cells = shown.map(({ image, label }, i) => {
    const [x, y] = [margin + (i % columns) * step.x, 14 + Math.floor(i / columns) * step.y];
    const words =
      label === undefined ? "" : `<text x="${x + size / 2}" y="${y + size + 13}" text-anchor="middle" fill="#555">${escaped(label)}</text>`;
    return `<image x="${x}" y="${y}" width="${size}" height="${size}" href="${address(image)}" preserveAspectRatio="none" style="image-rendering:pixelated"/>${words}`;
  });
  const names = rows.map((row, i) => `<text x="10" y="${14 + i * step.y + size / 2 + 4}" fill="#333">${escaped(row)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fbfaf8"/>
${[...names, ...cells].join("\n")}
</svg>
`;
}

const address = (image: RgbImage): string => `data:image/png;base64,${Buffer.from(encodePng(image)).toString("base64")}`;

export const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Values −1 blue, 0 white, 1 red, stretched to the greatest. */
export function signed(values: ArrayLike<number>, width: number): RgbImage {
  const list = Array.from(values);
  const most = Math.max(...list.map(Math.abs), Number.MIN_VALUE);
  return picture(list, width, (value) => {
    const fade = Math.round(255 * (1 - Math.abs(value / most)));
    return value < 0 ? [fade, fade, 255] : [255, fade, fade];
  });
}

/** One image (C, H, W) with values from −1 to 1, of a batch's. */
export function pixels(values: ArrayLike<number>, number: number, [channels, height, width]: readonly [number, number, number]): RgbImage {
  const area = height * width;
  const data = Uint8Array.from({ length: 3 * area }, (_, at) => {
    const channel = channels === 1 ? 0 : at % 3;
    const value = values[(number * channels + channel) * area + Math.floor(at / 3)] ?? 0;
    return Math.round(255 * Math.min(1, Math.max(0, (value + 1) / 2)));
  });
  return { width, height, data };
}

function picture(values: readonly number[], width: number, colour: (value: number) => readonly [number, number, number]): RgbImage {
  return { width, height: values.length / width, data: Uint8Array.from(values.flatMap((value) => colour(value))) };
}
