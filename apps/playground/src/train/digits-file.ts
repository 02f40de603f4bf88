import { writeFile } from "node:fs/promises";
import { loadMnist, SIDE } from "@x/example-data/src/mnist.ts";

/** Writes MNIST's first two test digits of each kind, one byte a pixel: what rooms offer to those who don't draw. */
export async function writeDigits(file: URL): Promise<void> {
  const { pixels, labels } = await loadMnist("t10k");
  const chosen = Array.from({ length: 10 }, (_, digit) => [...labels.keys()].filter((i) => labels[i] === digit).slice(0, 2)).flat();
  await writeFile(file, Buffer.concat(chosen.map((i) => pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE))));
}
