import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { init, type JsonObject, liveBytes } from "@x/layers";
import { expectClose } from "@x/testing";
import { expect, test } from "vitest";
import { ImageProcessor, type Resample, resizeImage, type RgbImage } from "../src/index.ts";
import { centerRegion } from "../src/image/center-crop.ts";
import { goldenFolder } from "./golden.ts";

const folder = goldenFolder("image");
const read = (name: string): Uint8Array => readFileSync(`${folder}/${name}`);

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
  expectClose(pixels.toTypedArray(), goldens[key].data.flat(3), "values", 1e-6);
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
  const crop = (width: number, height: number): RgbImage => resizeImage(image, 3, 2, "bilinear", centerRegion(image, { width, height }));
  expect([...crop(1, 2).data]).toEqual([4, 5, 6, 13, 14, 15]);
  const bordered = crop(4, 3);
  expect([...bordered.data.subarray(0, 12)].every((value) => value === 0)).toBe(true); // the odd margin goes above and to the left
  expect([...bordered.data.subarray(15, 18)]).toEqual([1, 2, 3]);
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
