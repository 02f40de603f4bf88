/** Pictures that commands write. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { RgbImage } from "@x/models-vision";

/** Writes a picture into a folder, which is made if need be. @returns its path */
export async function writePicture(folder: string, name: string, content: string | Uint8Array): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** `holiday/cat.jpg` → `cat`, of addresses, too. */
export function stemOf(place: string): string {
  const name = basename(place.replace(/[?#].*$/, ""));
  return (name.slice(0, name.length - extname(name).length) || "picture").replaceAll(/[^\w.-]/g, "-").slice(0, 60);
}

/** Pictures of one height, side by side. */
export function sideBySide(images: readonly RgbImage[]): RgbImage {
  const gap = 4;
  const height = Math.max(...images.map((image) => image.height));
  const width = images.reduce((sum, image) => sum + image.width + gap, -gap);
  const data = new Uint8Array(3 * width * height).fill(255);
  let left = 0;
  for (const image of images) {
    for (let row = 0; row < image.height; row++)
      data.set(image.data.subarray(3 * row * image.width, 3 * (row + 1) * image.width), 3 * (row * width + left));
    left += image.width + gap;
  }
  return { width, height, data };
}

/** Small pictures are drawn larger, pixel by pixel: at least `least` pixels a side. */
export function enlarged(image: RgbImage, least: number): RgbImage {
  const times = Math.ceil(least / Math.min(image.width, image.height));
  const [width, height] = [image.width * times, image.height * times];
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = 3 * (Math.floor(row / times) * image.width + Math.floor(column / times));
      data.set(image.data.subarray(from, from + 3), 3 * (row * width + column));
    }
  return { width, height, data };
}
