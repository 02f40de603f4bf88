/** Processors against transformers and timm, bit for bit: golden/image/processors.json, written by tools/reference/processors.py. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { init, liveBytes } from "@x/layers";
import type { JsonObject } from "@x/layers/model";
import { beforeAll, expect, test } from "vitest";
import { ImageProcessor, type ImageProcessorConfig, type Resample, resizeImage, type RgbImage } from "../../src/index.ts";
import { imageProcessorPart } from "../../src/image/pretrained-processor.ts";
import { goldenFolder } from "../golden.ts";

const folder = goldenFolder("image");
const digest = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex").slice(0, 16);
const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

beforeAll(() => init());

interface Golden {
  readonly name: string;
  readonly config: JsonObject;
  readonly image: readonly [width: number, height: number];
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** The left upper part of the source; where that isn't high enough, the source turned left. */
function picture([width, height]: Golden["image"]): RgbImage {
  const source = readFileSync(`${folder}/resize-source.rgb`);
  const at = height > 47 ? (x: number, y: number) => 3 * (x * 61 + 60 - y) : (x: number, y: number) => 3 * (y * 61 + x);
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => source[at(Math.floor(i / 3) % width, Math.floor(i / 3 / width)) + (i % 3)] ?? 0,
  );
  return { width, height, data };
}

const goldens: readonly Golden[] = JSON.parse(readFileSync(`${folder}/processors.json`, "utf8"));
test.each(goldens.map((golden) => [golden.name, golden.image.join(" × "), golden] as const))(
  "%s, %s: the same bits",
  async (_, __, { config, image, shape, sha256 }) => {
    const before = liveBytes();
    {
      using pixels = await ImageProcessor.fromConfig(config).process(picture(image));
      expect(pixels.shape).toEqual([1, ...shape]);
      expect(digest(bytesOf(Float32Array.from(pixels.data)))).toBe(sha256);
    }
    expect(liveBytes()).toBe(before);
  },
);

test("large resizes are Pillow's, byte for byte", () => {
  for (const [key, hash] of Object.entries(JSON.parse(readFileSync(`${folder}/resize-large.json`, "utf8")) as Record<string, string>)) {
    const [resample, columns = 0, rows = 0, width = 0, height = 0] = key
      .split(" ")
      .map((part) => (/\d/.test(part) ? Number(part) : part)) as [Resample, ...number[]];
    const data = Uint8Array.from({ length: 3 * columns * rows }, (_, i) => {
      const [x, y, c] = [Math.floor(i / 3) % columns, Math.floor(i / 3 / columns), i % 3];
      return (x * x + 3 * y * y + 5 * x * y + 77 * c) >> 2;
    });
    expect(digest(resizeImage({ width: columns, height: rows, data }, width, height, resample).data), key).toBe(hash);
  }
});

test("what a processor saves, it reads back", () => {
  for (const { config } of goldens) {
    const processor = ImageProcessor.fromConfig(config);
    expect(ImageProcessor.fromConfig(processor.toConfig()).config).toEqual(processor.config);
  }
});

const config = (json: JsonObject): ImageProcessorConfig => ImageProcessor.fromConfig(json).config;

test("old forms mean what they did", () => {
  expect(config({ feature_extractor_type: "ViTFeatureExtractor", size: [20, 30] }).size).toEqual({ height: 20, width: 30 });
  expect(config({ feature_extractor_type: "CLIPFeatureExtractor", size: 224 })).toMatchObject({
    size: { shortestEdge: 224 },
    cropSize: { height: 224, width: 224 },
  });
  expect(config({ feature_extractor_type: "DeiTFeatureExtractor", size: 256, crop_size: 224, resample: 3 })).toMatchObject({
    size: { height: 256, width: 256 },
    cropSize: { height: 224, width: 224 },
  });
  expect(
    config({ image_processor_type: "CLIPImageProcessor", do_center_crop: false, size: { shortest_edge: 9, height: null } }),
  ).toMatchObject({ size: { shortestEdge: 9 }, cropSize: undefined });
  expect(config({ image_processor_type: "ConvNextImageProcessor" })).toMatchObject({
    size: { height: 384, width: 384 },
    cropSize: undefined,
  });
  expect(config({ do_resize: false, do_rescale: false, do_normalize: false })).toMatchObject({
    size: undefined,
    rescaleFactor: undefined,
    imageMean: undefined,
  });
  expect(config({ image_mean: 0.25, image_std: 2 })).toMatchObject({ imageMean: [0.25, 0.25, 0.25], imageStd: [2, 2, 2] });
});

test("null says no: a flag is off, and what is needed isn't there", () => {
  expect(config({ do_resize: null, resample: null, size: null })).toEqual(config({ do_resize: false }));
  expect(config({ do_rescale: null, rescale_factor: null })).toEqual(config({ do_rescale: false }));
  expect(config({ do_normalize: null, image_mean: null })).toEqual(config({ do_normalize: false }));
  expect(config({ image_processor_type: "CLIPImageProcessor", do_center_crop: null, crop_size: null }).cropSize).toBeUndefined();
  expect(config({ size: 9, default_to_square: null }).size).toEqual({ shortestEdge: 9 });
  for (const key of ["size", "resample", "rescale_factor", "image_mean", "image_std"])
    expect(() => config({ [key]: null }), key).toThrow(/^preprocessor_config: \w+ should be .*, but is null$/);
});

test("what a class doesn't heed changes nothing, and what it can't do is refused", () => {
  expect(config({ crop_pct: 0.5 })).toEqual(config({}));
  expect(() => config({ do_center_crop: true })).toThrow("cropSize should be a number of pixels or {height, width}, but is undefined");
  expect(() => config({ size: { height: 9, width: 9, shortest_edge: 9 } })).toThrow(
    "size should be a number of pixels, {height, width} or {shortest_edge}",
  );
  const convNext = { image_processor_type: "ConvNextImageProcessor" };
  expect(() => config({ ...convNext, size: { height: 9, width: 9 } })).toThrow("size should be {shortest_edge}");
  expect(() => config({ ...convNext, size: 9, do_center_crop: true, crop_size: 9 })).toThrow("doCenterCrop should be false");
});

test("unequal sides in timm's words are covered in proportion, and saved so", async () => {
  const read = ImageProcessor.fromConfig({ pretrained_cfg: { input_size: [3, 18, 30], crop_pct: 0.9 } });
  expect(read.config).toMatchObject({ size: { cover: { height: 20, width: 33 } }, cropSize: { height: 18, width: 30 } });
  expect(() => read.toConfig()).toThrow("a size to cover can't be said in Hugging Face's words");
  const model = { config: { imageSize: 18, numChannels: 3 }, processor: read };
  const [[, text] = []] = await imageProcessorPart.files(model);
  expect(ImageProcessor.fromConfig(JSON.parse(String(text)) as JsonObject).config).toEqual(read.config);
  model.processor = new ImageProcessor({ ...read.config, rescaleFactor: undefined });
  await expect(imageProcessorPart.files(model)).rejects.toThrow("a size to cover can only be saved with timm's other steps");
});

test("timm's settings are read wherever they stand", () => {
  const settings: JsonObject = { input_size: [3, 224, 224], crop_pct: 0.9, interpolation: "bicubic", mean: [0, 0, 0], std: [1, 1, 1] };
  const expected = { size: { shortestEdge: 248 }, cropSize: { height: 224, width: 224 }, cropRounding: "even", resample: "bicubic" };
  const forms: JsonObject[] = [
    settings,
    { pretrained_cfg: settings },
    { image_processor_type: "TimmWrapperImageProcessor", data_config: settings },
  ];
  for (const json of forms) expect(config(json)).toMatchObject(expected);
});

test.each<[JsonObject, string]>([
  [{ resample: "bicubic" }, 'preprocessor_config: resample should be 0 to 5, but is "bicubic"'],
  [{ resample: 1.5 }, "preprocessor_config: resample should be 0 to 5, but is 1.5"],
  [{ do_resize: "false" }, 'preprocessor_config: doResize should be true or false, but is "false"'],
  [{ rescale_factor: "1/255" }, 'preprocessor_config: rescaleFactor should be a number, but is "1/255"'],
  [{ size: 0 }, 'ImageProcessor: size should be whole numbers of pixels from 1 to 65536, but is {"height":0,"width":0}'],
  [
    { size: { shortest_edge: 22.4 } },
    'ImageProcessor: size should be whole numbers of pixels from 1 to 65536, but is {"shortestEdge":22.4}',
  ],
  [{ size: { longest_edge: 9 } }, "preprocessor_config: size should be a number of pixels, {height, width} or {shortest_edge}"],
  [
    { do_center_crop: true, crop_size: { shortest_edge: 3 } },
    "preprocessor_config: cropSize should be a number of pixels or {height, width}",
  ],
  [{ image_std: [1, 0, 1] }, "ImageProcessor: imageStd should be three finite numbers other than 0, but is [1,0,1]"],
  [{ do_pad: true, pad_size: { height: 9, width: 9 } }, "preprocessor_config: padSize should be left out"],
  [
    { pretrained_cfg: { mean: [0, 0, 0], crop_mode: "border" } },
    'preprocessor_config: cropMode should be "center" or "squash", but is "border"',
  ],
  [
    { pretrained_cfg: { mean: [0, 0, 0], interpolation: "random" } },
    "preprocessor_config: interpolation should be nearest, lanczos, bilinear, bicubic, box, hamming",
  ],
  [
    { pretrained_cfg: { mean: [0, 0, 0], input_size: [224, 192] } },
    "preprocessor_config: inputSize should be [3, height, width] or [1, height, width], but is [224,192]",
  ],
])("%j can't be followed, and is named", (json, message) => {
  expect(() => ImageProcessor.fromConfig(json)).toThrow(message);
});

test("in a batch, the image that fails is named, and sizes that differ", async () => {
  const processor = ImageProcessor.fromConfig({ do_resize: false });
  const [a, b] = [picture([5, 4]), picture([4, 4])];
  await expect(processor.process([a, new Uint8Array(0)])).rejects.toThrow("image 1 of 2: the image is empty");
  await expect(processor.process([a, b])).rejects.toThrow("image 0 is 5 × 4 and image 1 is 4 × 4");
  await expect(processor.process([])).rejects.toThrow("at least one image is needed");
  expect(() => resizeImage(a, 0, 3, "box")).toThrow("sides are whole numbers from 1 on, but 0 × 3 was asked for");
  expect(() => resizeImage(a, 3, 3, "cubic" as Resample)).toThrow(
    'the filter should be one of nearest, lanczos, bilinear, bicubic, box, hamming, but is "cubic"',
  );
});
