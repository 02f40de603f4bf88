/** Resizing that computes only what is wanted of the result. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { init, liveBytes } from "@x/layers";
import { beforeAll, expect, test } from "vitest";
import { type Resample, resizeImage, type RgbImage } from "../../src/index.ts";
import type { Region } from "../../src/image/resize.ts";
import { goldenFolder } from "../golden.ts";

beforeAll(() => init());

const source: RgbImage = { width: 61, height: 47, data: new Uint8Array(readFileSync(`${goldenFolder("image")}/resize-source.rgb`)) };

/** Pixel by pixel out of the whole; black beyond it. */
function cut({ width, height, data }: RgbImage, region: Region): number[] {
  return Array.from({ length: 3 * region.width * region.height }, (_, i) => {
    const x = region.left + (Math.floor(i / 3) % region.width);
    const y = region.top + Math.floor(i / 3 / region.width);
    return x < 0 || y < 0 || x >= width || y >= height ? 0 : (data[3 * (y * width + x) + (i % 3)] ?? 0);
  });
}

const regions: readonly Region[] = [
  { left: 0, top: 0, width: 7, height: 5 },
  { left: 11, top: 9, width: 10, height: 12 },
  { left: -3, top: -2, width: 20, height: 9 },
  { left: 20, top: 17, width: 30, height: 40 },
  { left: -5, top: -5, width: 100, height: 100 },
];
test.each<Resample>(["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"])(
  "a part of the result is a part of the result, %s",
  (resample) => {
    const before = liveBytes();
    for (const [width, height] of [
      [40, 30],
      [61, 30],
      [40, 47],
      [61, 47],
      [90, 100],
    ] as const) {
      const whole = resizeImage(source, width, height, resample);
      for (const region of regions) {
        const part = resizeImage(source, width, height, resample, region);
        expect([part.width, part.height]).toEqual([region.width, region.height]);
        expect([...part.data]).toEqual(cut(whole, region));
      }
    }
    expect(liveBytes()).toBe(before);
  },
);

const strips: Readonly<Record<string, string>> = JSON.parse(readFileSync(`${goldenFolder("image")}/strips.json`, "utf8"));
test.each(Object.entries(strips))("%s, in bands, is Pillow's", (key, hash) => {
  const [resample, ...sides] = key.split(" ");
  const [columns = 0, rows = 0, width = 0, height = 0] = sides.map(Number);
  const data = Uint8Array.from({ length: 3 * columns * rows }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % columns, Math.floor(i / 3 / columns), i % 3];
    return Math.floor((x * x + 3 * y + 5 * x * y + 77 * c) / 4) % 256;
  });
  const resized = resizeImage({ width: columns, height: rows, data }, width, height, resample as Resample);
  expect(createHash("sha256").update(resized.data).digest("hex").slice(0, 16)).toBe(hash);
});
