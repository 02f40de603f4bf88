import { empty, tensor, type Tensor } from "@x/layers";
import { allOrNothing, at, checkKeys, engine, type JsonObject, listOf, snakeCaseKeys } from "@x/layers/model";
import { centerRegion } from "./center-crop.ts";
import { toGrey } from "./channels.ts";
import { ALWAYS_ALLOWED, decodeImage, decodeLimits, type DecodeImageOptions, type Limits } from "./decode.ts";
import type { ImageInput } from "./input.ts";
import { checkConfig, isTimm, processorConfigFrom, targetSides } from "./processor-config.ts";
import { processorKeys } from "./processor-keys.ts";
import type { ImageProcessorConfig } from "./processor-settings.ts";
import { resampleCodes } from "./resample.ts";
import { resizeImage } from "./resize.ts";
import { ImageError, type RgbImage } from "./rgb-image.ts";

export type { ImageProcessorConfig } from "./processor-settings.ts";

/** Images → (B, C, H, W), exactly as Hugging Face's PIL processors make them. */
export class ImageProcessor {
  readonly config: ImageProcessorConfig;
  /** What its file said that isn't known here, and was passed over. */
  readonly notes: readonly string[];
  readonly #tables: Float32Array;

  /** @throws ImageError naming the number that can't be */
  constructor(config: ImageProcessorConfig, notes: readonly string[] = []) {
    checkConfig(config);
    this.config = config;
    this.notes = notes;
    this.#tables = valueTables(config);
  }

  /** From a `preprocessor_config.json`, in any of the forms it has had, or timm's. @throws ImageError naming the setting that can't be followed */
  static fromConfig(json: JsonObject): ImageProcessor {
    const config = processorConfigFrom(json);
    return new ImageProcessor(config, isTimm(json) ? [] : checkKeys(json, processorKeys, (message) => new ImageError(message)));
  }

  /**
   * Decodes, resizes, crops, rescales and normalises. All images must come out in one size.
   * @returns (B, C, H, W): three channels, or one for models of grey pictures
   * @throws ImageError when something isn't an image (telling which), or the sizes differ
   */
  async process(images: ImageInput | readonly ImageInput[], options: DecodeImageOptions = {}): Promise<Tensor> {
    const inputs = listOf(images);
    const fitted: RgbImage[] = [];
    for (const [i, input] of inputs.entries()) fitted.push(await this.fit(input, options).catch(placed(i, inputs.length)));
    return this.batch(fitted);
  }

  /**
   * The first half of `process`, for one image: decoded, resized and cropped.
   * @throws ImageError when it isn't an image
   */
  async fit(image: ImageInput, options: DecodeImageOptions = {}): Promise<RgbImage> {
    const limits = decodeLimits(options);
    return this.#fit(await decodeImage(image, options), limits);
  }

  /**
   * The second half: images of one size, rescaled and normalised → (B, C, H, W).
   * @throws ImageError when the sizes differ, or there is none
   */
  batch(images: readonly RgbImage[]): Tensor {
    const [first] = images;
    if (!first) throw new ImageError("at least one image is needed");
    const { width, height } = first;
    const odd = images.findIndex((image) => image.width !== width || image.height !== height);
    const other = images[odd];
    if (other)
      throw new ImageError(
        `images of one batch must come out in one size, but image 0 is ${width} × ${height} and image ${odd} is ${other.width} × ${other.height}`,
      );
    return allOrNothing(() =>
      this.config.numChannels === 1 ? this.#greyBatch(images, width, height) : this.#colourBatch(images, width, height),
    );
  }

  /** The `preprocessor_config.json` that Hugging Face's library reads back. @throws ImageError when it has no words for it */
  toConfig(): JsonObject {
    const { size, resample, cropSize, cropRounding, rescaleFactor, imageMean, imageStd, numChannels } = this.config;
    if (size && "cover" in size)
      throw new ImageError(
        "ImageProcessor: a size to cover can't be said in Hugging Face's words; save the model, and it stands in timm's",
      );
    return snakeCaseKeys({
      imageProcessorType: cropSize ? "CLIPImageProcessor" : "ViTImageProcessor",
      doResize: size !== undefined,
      ...(size && { size: "shortestEdge" in size ? snakeCaseKeys({ ...size }) : { ...size } }),
      resample: resampleCodes.indexOf(resample),
      ...(cropSize && { doCenterCrop: true, cropSize: { ...cropSize } }),
      ...(cropRounding === "even" && { cropRounding }), // Hugging Face's own classes pass it over
      doRescale: rescaleFactor !== undefined,
      ...(rescaleFactor !== undefined && { rescaleFactor }),
      doNormalize: imageMean !== undefined,
      ...(imageMean && imageStd && { imageMean: [...imageMean], imageStd: [...imageStd] }),
      ...(numChannels === 1 && { numChannels }),
    });
  }

  #fit(decoded: RgbImage, { maxPixels, maxSide }: Limits): RgbImage {
    const { size, resample, cropSize, cropRounding, numChannels } = this.config;
    const image = numChannels === 1 ? toGrey(decoded) : decoded;
    const target = size ? targetSides(image, size) : image;
    const region = cropSize
      ? centerRegion(target, cropSize, cropRounding)
      : { left: 0, top: 0, width: target.width, height: target.height };
    const what = `an image of ${image.width} × ${image.height} resized to ${region.width} × ${region.height} is beyond the limit of`;
    const most = Math.min(maxPixels, Math.max(ALWAYS_ALLOWED, image.width * image.height));
    if (region.width * region.height > most) throw new ImageError(`${what} ${most} pixels (maxPixels)`);
    if (Math.max(region.width, region.height) > maxSide) throw new ImageError(`${what} ${maxSide} pixels a side (maxSide)`);
    return resizeImage(image, target.width, target.height, resample, region);
  }

  /** (B, 3, H, W) */
  #colourBatch(images: readonly RgbImage[], width: number, height: number): Tensor {
    const pixels = width * height;
    const batch = empty([images.length, 3, height, width]);
    using tables = tensor(this.#tables);
    using block = engine().allocate(3 * pixels);
    for (const [i, { data }] of images.entries()) {
      block.view("uint8", 0, data.length).set(data);
      engine().kernels.pixelsToPlanes({ x: block.as("uint8"), y: at(batch, 3 * i * pixels), table: tables, pixels });
    }
    return batch;
  }

  /** (B, 1, H, W): the three channels are the same. */
  #greyBatch(images: readonly RgbImage[], width: number, height: number): Tensor {
    const batch = empty([images.length, 1, height, width]);
    const values = batch.data;
    for (const [i, { data }] of images.entries()) {
      for (let pixel = 0; pixel < width * height; pixel++) values[i * width * height + pixel] = this.#tables[data[3 * pixel] ?? 0] ?? 0;
    }
    return batch;
  }
}

/** Tells which of several images it is that something is wrong with. */
export const placed =
  (i: number, count: number) =>
  (cause: unknown): never => {
    if (!(cause instanceof ImageError) || count === 1) throw cause;
    throw new ImageError(`image ${i} of ${count}: ${cause.message}`, { cause });
  };

/** What each of the 256 values becomes, for each channel: (C, 256). In float32 step by step, as NumPy computes it. */
function valueTables({ rescaleFactor, imageMean, imageStd, numChannels = 3 }: ImageProcessorConfig): Float32Array {
  const f = Math.fround;
  return Float32Array.from({ length: numChannels * 256 }, (_, place) => {
    const channel = place >> 8;
    const scaled = f((place & 255) * (rescaleFactor ?? 1));
    if (!imageMean || !imageStd) return scaled;
    return f(f(scaled - f(imageMean[channel] ?? 0)) / f(imageStd[channel] ?? 1));
  });
}
