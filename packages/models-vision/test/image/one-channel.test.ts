/** Models of grey pictures: huggingface/pytorch-image-models#976, huggingface/transformers#34820, huggingface/transformers#25694. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { init, noGrad, zeros } from "@x/layers";
import type { JsonObject } from "@x/layers/model";
import { expectClose } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { ImageProcessor, ViT } from "../../src/index.ts";
import { goldenFolder } from "../golden.ts";

beforeAll(() => init());

test("a checkpoint of one channel gives transformers' logits", async () => {
  using vit = await ViT.fromPretrained(goldenFolder("vit_grey"));
  using pixels = await vit.processor.process(`${goldenFolder("vit_grey")}/grey.png`);
  expect(pixels.shape).toEqual([1, 1, 16, 16]);
  using logits = noGrad(() => vit.forward(pixels));
  expectClose(logits.toTypedArray(), [-1.455868, 3.59773, 0.265691]);
});

const forms: readonly JsonObject[] = [
  { image_mean: [0], image_std: [1], rescale_factor: 1, size: { width: 16, height: 12 } },
  { num_channels: 1, do_normalize: false, do_rescale: false, size: { width: 16, height: 12 } },
];
const greys: Readonly<Record<string, string>> = JSON.parse(readFileSync(`${goldenFolder("image")}/greys.json`, "utf8"));
test.each(Object.entries(greys))("%s becomes the greys that Pillow sees", async (name, hash) => {
  for (const form of forms) {
    using pixels = await ImageProcessor.fromConfig(form).process(`${goldenFolder("image")}/${name}`);
    expect(pixels.shape).toEqual([1, 1, 12, 16]);
    expect(createHash("sha256").update(Uint8Array.from(pixels.data)).digest("hex").slice(0, 16)).toBe(hash);
  }
});

test("timm says it in input_size; what is saved says it, too", () => {
  const timm = ImageProcessor.fromConfig({ input_size: [1, 28, 28], mean: [0.1307], std: [0.3081] });
  expect(timm.config).toMatchObject({ numChannels: 1, imageMean: [0.1307], imageStd: [0.3081] });
  for (const processor of [timm, ...forms.map((form) => ImageProcessor.fromConfig(form))]) {
    expect(ImageProcessor.fromConfig(processor.toConfig()).config).toEqual(processor.config);
  }
});

test.each<[JsonObject, string]>([
  [{ num_channels: 2 }, "preprocessor_config: numChannels should be 1 or 3, but is 2"],
  [{ image_mean: [0.5], image_std: [0.5, 0.5, 0.5] }, "preprocessor_config: imageStd should be one number, but is [0.5,0.5,0.5]"],
  [{ input_size: [4, 9, 9], mean: 0 }, "preprocessor_config: inputSize should be [3, height, width] or [1, height, width], but is [4,9,9]"],
])("%j is refused", (json, message) => {
  expect(() => ImageProcessor.fromConfig(json)).toThrow(message);
});

test("images of other channels than the model's are refused", async () => {
  using vit = await ViT.fromPretrained(goldenFolder("vit_grey"));
  using images = zeros([1, 3, 16, 16]);
  expect(() => vit.forward(images)).toThrow(
    "ViT: images must be (B, C, H, W) with the model's 1 channels (numChannels), but images is (1, 3, 16, 16)",
  );
});

test("one mean that nobody asks for says nothing of the channels", () => {
  const config = { image_processor_type: "ViTImageProcessor", do_normalize: false, image_mean: [0.5] };
  expect(ImageProcessor.fromConfig(config).config.numChannels).toBeUndefined();
});
