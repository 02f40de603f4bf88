import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { init, type JsonObject, liveBytes } from "@x/layers";
import { expectClose } from "@x/testing";
import { expect, test } from "vitest";
import { decodeImage, ImageProcessor, type Resample, resizeImage } from "../src/index.ts";
import { centerCrop } from "../src/image/center-crop.ts";
import { goldenFolder } from "./golden.ts";

const folder = goldenFolder("image");
const read = (name: string): Uint8Array => readFileSync(`${folder}/${name}`);
const sizes = JSON.parse(readFileSync(`${folder}/sizes.json`, "utf8")) as Record<string, [number, number]>;

test.each(Object.keys(sizes).filter((name) => name !== "cmyk.jpg"))("%s decodes to Pillow's pixels, byte for byte", async (name) => {
  const { width, height, data } = await decodeImage(read(name));
  expect([width, height]).toEqual(sizes[name]);
  expect(Buffer.from(data).equals(read(`${name}.rgb`))).toBe(true);
});

test("cmyk.jpg decodes to within 2 of Pillow's pixels", async () => {
  const { data } = await decodeImage(read("cmyk.jpg"));
  const expected = read("cmyk.jpg.rgb");
  expect(Math.max(...expected.map((value, i) => Math.abs(value - (data[i] ?? 0))))).toBeLessThanOrEqual(2);
});

test("every format has a file here", () => {
  const endings = new Set(readdirSync(folder).map((name) => name.split(".")[1]));
  for (const ending of ["png", "jpg", "gif", "webp", "bmp"]) expect(endings).toContain(ending);
});

test("decoding leaves no global behind", async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort();
  for (const name of ["rgb.png", "q85-s2.jpg", "lossy.webp", "animated.gif", "rgb.bmp"]) await decodeImage(read(name));
  expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before);
});

test("resizing is Pillow's, byte for byte, in 240 sizes and filters", async () => {
  await init();
  const source = { width: 61, height: 47, data: read("resize-source.rgb") };
  const before = liveBytes();
  for (const [key, hash] of Object.entries(JSON.parse(readFileSync(`${folder}/resize.json`, "utf8")) as Record<string, string>)) {
    const [resample, width, height] = key.split(" ");
    const { data } = resizeImage(source, Number(width), Number(height), resample as Resample);
    expect(createHash("sha256").update(data).digest("hex").slice(0, 16), key).toBe(hash);
  }
  expect(liveBytes()).toBe(before);
});

test.each<[string, JsonObject]>([
  [
    "clip_pil_20_16",
    {
      image_processor_type: "CLIPImageProcessor",
      size: { shortest_edge: 20 },
      crop_size: { height: 16, width: 16 },
      resample: 3,
      image_mean: [0.48145466, 0.4578275, 0.40821073],
      image_std: [0.26862954, 0.26130258, 0.27577711],
    },
  ],
  [
    "vit_pil_24",
    {
      image_processor_type: "ViTImageProcessor",
      size: { height: 24, width: 24 },
      resample: 2,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    },
  ],
])("the processor %s gives Hugging Face's numbers", async (key, config) => {
  await init();
  const goldens = JSON.parse(readFileSync(`${goldenFolder("processors")}/processors.json`, "utf8"));
  using pixels = await ImageProcessor.fromConfig(config).process(readFileSync(`${goldenFolder("processors")}/src_53x37.png`));
  expectClose(pixels.data, goldens[key].data.flat(3), "values", 1e-6);
});

test("old and new forms of preprocessor_config.json mean the same", () => {
  const square = ImageProcessor.fromConfig({ feature_extractor_type: "ViTFeatureExtractor", size: 224, resample: 2 }).config;
  expect(square).toEqual(
    ImageProcessor.fromConfig({ image_processor_type: "ViTImageProcessor", size: { height: 224, width: 224 } }).config,
  );
  const clip = ImageProcessor.fromConfig({
    feature_extractor_type: "CLIPFeatureExtractor",
    size: 224,
    crop_size: 224,
    do_center_crop: true,
    resample: 3,
  }).config;
  expect(clip).toMatchObject({ size: { shortestEdge: 224 }, cropSize: { height: 224, width: 224 }, resample: "bicubic" });
  for (const config of [square, clip]) expect(ImageProcessor.fromConfig(new ImageProcessor(config).toConfig()).config).toEqual(config);
});

test("center crop takes the middle, and borders what is too small", () => {
  const image = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i + 1) };
  expect([...centerCrop(image, 1, 2).data]).toEqual([4, 5, 6, 13, 14, 15]);
  const bordered = centerCrop(image, 4, 3);
  expect([...bordered.data.subarray(0, 12)].every((value) => value === 0)).toBe(true); // the odd margin goes above and to the left
  expect([...bordered.data.subarray(15, 18)]).toEqual([1, 2, 3]);
});

test.each([
  [new Uint8Array(0), "the image is empty: it has no bytes"],
  [
    new TextEncoder().encode("<html>404</html>"),
    "not an image: expected PNG, JPEG, GIF, WebP, BMP, but the file begins with 3c 68 74 6d 6c 3e 34 30",
  ],
  [{ width: 2, height: 2, data: new Uint8Array(11) }, "an image of 2 × 2 has 12 bytes of red, green, blue, but 11 came"],
  [{ width: 0, height: 2, data: new Uint8Array(0) }, "an image's sides are whole numbers from 1 on, but it is 0 × 2"],
])("what isn't an image is refused, saying why", async (input, message) => {
  await expect(decodeImage(input)).rejects.toThrow(message);
});

test.each(["rgb.png", "q85-s2.jpg", "animated.gif", "lossy.webp", "rgb.bmp"])(
  "%s cut short is refused, or gives a whole image; nothing else happens",
  async (name) => {
    const whole = read(name);
    for (const share of [0.2, 0.5, 0.8]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      const result = await decodeImage(cut).then(
        (image) => image.data.length === 3 * image.width * image.height,
        (error: Error) => error.name === "ImageError",
      );
      expect(result).toBe(true);
    }
  },
);

test("a header that claims billions of pixels is refused before anything is decoded", async () => {
  const bomb = Uint8Array.from(read("rgb.png"));
  new DataView(bomb.buffer).setUint32(16, 60000);
  new DataView(bomb.buffer).setUint32(20, 60000);
  await expect(decodeImage(bomb)).rejects.toThrow("PNG: an image of 60000 × 60000 is beyond the limit of 178956970 pixels (maxPixels)");
  await expect(decodeImage(read("rgb.png"), { maxPixels: 100 })).rejects.toThrow(
    "PNG: an image of 23 × 19 is beyond the limit of 100 pixels",
  );
});

test("settings that can't be followed are named", () => {
  expect(() => ImageProcessor.fromConfig({ resample: 9 })).toThrow("preprocessor_config: resample should be 0 to 5, but is 9");
  expect(() => ImageProcessor.fromConfig({ size: { width: 3 } })).toThrow(
    'preprocessor_config: size should be a number of pixels, {height, width} or {shortest_edge}, but is {"width":3}',
  );
  expect(() => ImageProcessor.fromConfig({ image_mean: [1, 2] })).toThrow(
    "preprocessor_config: imageMean should be three numbers, but is [1,2]",
  );
});
