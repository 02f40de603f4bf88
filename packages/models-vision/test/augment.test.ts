/** Augmentation: Pillow's bytes for colours, parts that lie in the image, and the same for the same seed. */
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { Draws } from "@x/layers/model";
import { checkForLeaks } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { brighter, colorJitter, contrasted, saturated } from "../src/image/augment/color-jitter.ts";
import { cropped, mirrored, randomCrop } from "../src/image/augment/random-crop.ts";
import { ImageProcessor, init, Rng, TrainingProcessor } from "../src/index.ts";

beforeAll(() => init({ threads: 1, simd: "plain" }));
checkForLeaks();

interface Enhanced {
  readonly width: number;
  readonly height: number;
  readonly data: readonly number[];
  readonly cases: readonly {
    readonly kind: "brighter" | "contrasted" | "saturated";
    readonly factor: number;
    readonly data: readonly number[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL("../golden/image/enhance.json", import.meta.url), "utf8")) as Enhanced;
const picture = { width: golden.width, height: golden.height, data: Uint8Array.from(golden.data) };
const kinds = { brighter, contrasted, saturated };

test.each(golden.cases)("$kind by $factor: Pillow's bytes", ({ kind, factor, data }) => {
  expect([...kinds[kind](picture, factor).data]).toEqual(data);
});

test("a part, and the mirror", () => {
  const two = { width: 2, height: 2, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) };
  expect([...cropped(two, { left: 1, top: 0, width: 1, height: 2 }).data]).toEqual([4, 5, 6, 10, 11, 12]);
  expect([...mirrored(two).data]).toEqual([4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]);
});

test("random parts have the size that is wanted, and cover the whole image over time", () => {
  const draws = new Draws(new Rng(1));
  // Red tells the column, green the row.
  const [width, height] = [40, 30];
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => [Math.floor(i / 3) % width, Math.floor(i / 3 / width), 0][i % 3] ?? 0,
  );
  const seen = { columns: new Set<number>(), rows: new Set<number>() };
  for (let i = 0; i < 300; i++) {
    const part = randomCrop({ width, height, data }, { width: 8, height: 6 }, "nearest", draws);
    expect([part.width, part.height, part.data.length]).toEqual([8, 6, 3 * 8 * 6]);
    for (let at = 0; at < part.data.length; at += 3) {
      seen.columns.add(part.data[at] ?? -1);
      seen.rows.add(part.data[at + 1] ?? -1);
    }
  }
  expect([seen.columns.size > 0.9 * width, seen.rows.size > 0.9 * height]).toEqual([true, true]);
  const thin = randomCrop({ width: 200, height: 1, data: new Uint8Array(600) }, { width: 4, height: 4 }, "bilinear", draws);
  expect([thin.width, thin.height], "one that no shape fits gives its middle").toEqual([4, 4]);
});

test("the same seed gives the same bits, on every runtime", async () => {
  const processor = new ImageProcessor({
    size: { width: 8, height: 8 },
    resample: "bilinear",
    cropSize: undefined,
    rescaleFactor: 1 / 255,
    imageMean: [0.5, 0.5, 0.5],
    imageStd: [0.5, 0.5, 0.5],
  });
  const hashes: string[] = [];
  for (const seed of [3, 3, 4]) {
    const training = new TrainingProcessor(processor, new Rng(seed), { jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4 } });
    const batches = [await training.process([picture, picture]), await training.process(picture)];
    expect(batches.map(({ shape }) => shape)).toEqual([
      [2, 3, 8, 8],
      [1, 3, 8, 8],
    ]);
    const hash = createHash("sha256");
    for (const batch of batches) hash.update(new Uint8Array(batch.toTypedArray().buffer));
    hashes.push(hash.digest("hex").slice(0, 16));
    for (const batch of batches) batch.dispose();
  }
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
  expect(hashes[0]).toBe("423f9a6df121d144");
  const own = new ImageProcessor({ ...processor.config, size: undefined });
  expect(() => new TrainingProcessor(own, new Rng(1))).toThrow(
    "the processor must bring images to one size, but it leaves them as they are",
  );
});

test("colours that aren't to change don't", () => {
  const draws = new Draws(new Rng(1));
  expect(colorJitter(picture, draws, {})).toBe(picture);
  expect(colorJitter(picture, draws, { saturation: 0.9 }).data).not.toEqual(picture.data);
});
