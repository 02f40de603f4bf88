/** What a model saw and made, as pictures again. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { init, shutdown, tensor } from "@x/layers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage, encodePng, heatMap, ImageProcessor, toImages } from "../src/index.ts";

beforeAll(() => init());
afterAll(() => shutdown());

const pictures = fc
  .record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }) })
  .chain(({ width, height }) =>
    fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }).map((data) => ({ width, height, data })),
  );

test("a PNG gives the picture back, whatever it is", async () => {
  await fc.assert(
    fc.asyncProperty(pictures, async (image) => {
      expect(await decodeImage(encodePng(image))).toEqual(image);
    }),
  );
});

test("a picture whose data is too short is refused", () => {
  expect(() => encodePng({ width: 2, height: 2, data: new Uint8Array(11) })).toThrow("has 12 bytes of red, green, blue, but 11 came");
});

test("what the processor did is undone, to the byte", async () => {
  const file = await readFile(join(import.meta.dirname, "../golden/classify/sky.jpg"));
  const original = await decodeImage(file);
  for (const extra of [{ numChannels: 3 }, { numChannels: 1 }] as const) {
    const normalise = {
      imageMean: [0.485, 0.456, 0.406].slice(0, extra.numChannels),
      imageStd: [0.229, 0.224, 0.225].slice(0, extra.numChannels),
    };
    const processor = new ImageProcessor({
      size: undefined,
      cropSize: undefined,
      resample: "bilinear",
      rescaleFactor: 1 / 255,
      ...normalise,
      ...extra,
    });
    using images = await processor.process(file);
    const [again] = toImages(images, processor);
    if (extra.numChannels === 3) expect(again).toEqual(original);
    else expect(new Set(again?.data.slice(0, 3)).size).toBe(1);
  }
});

test("a heat map is dark and grey where there is least, and bright where there is most", () => {
  const grey = { width: 8, height: 4, data: new Uint8Array(96).fill(100) };
  using weights = tensor([[0, 1], [0, 0]]); // prettier-ignore
  const { data, width, height } = heatMap(grey, weights.view([1, 2, 2]));
  const at = (x: number, y: number): number[] => Array.from(data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3));
  expect([width, height]).toEqual([8, 4]);
  expect(at(0, 3)).toEqual([60, 60, 60]);
  const [red = 0, green = 0, blue = 0] = at(7, 0);
  expect(red).toBeGreaterThan(180);
  expect(green).toBeGreaterThan(blue);
  expect(() => heatMap(grey, weights.view([4]))).toThrow("heatMap: weights are (rows, columns) of one picture, but weights is (4,)");
});
