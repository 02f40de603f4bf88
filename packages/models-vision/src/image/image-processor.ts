import { camelCaseKeys, engine, type Json, type JsonObject, snakeCaseKeys, type Tensor, empty } from "@x/layers";
import { decodeImage, type DecodeOptions, type ImageInput } from "./decode.ts";
import { centerCrop } from "./center-crop.ts";
import { type Resample, resampleCodes } from "./resample.ts";
import { resizeImage } from "./resize.ts";
import { ImageError, type RgbImage } from "./rgb-image.ts";

/** What images go through before a model sees them; steps that are undefined are left out. */
export interface ImageProcessorConfig {
  /** Both sides, or the shorter one with the other in proportion. Pixels. */
  readonly size: { readonly height: number; readonly width: number } | { readonly shortestEdge: number } | undefined;
  readonly resample: Resample;
  /** What is cut out of the middle afterwards; a smaller image gets a black border. Pixels. */
  readonly cropSize: { readonly height: number; readonly width: number } | undefined;
  /** Multiplies the values 0…255; undefined leaves them. */
  readonly rescaleFactor: number | undefined;
  /** Subtracted from red, green and blue, which are then divided by `imageStd`. */
  readonly imageMean: readonly number[] | undefined;
  readonly imageStd: readonly number[] | undefined;
}

/** Images → (B, 3, H, W), exactly as Hugging Face's PIL processors make them. */
export class ImageProcessor {
  readonly config: ImageProcessorConfig;
  readonly #tables: Float32Array;

  constructor(config: ImageProcessorConfig) {
    this.config = config;
    this.#tables = valueTables(config);
  }

  /** From a `preprocessor_config.json`, in any of the forms it has had. @throws ImageError naming the setting that can't be followed */
  static fromConfig(json: JsonObject): ImageProcessor {
    return new ImageProcessor(configFrom(json));
  }

  /**
   * Decodes, resizes, crops, rescales and normalises. All images must come out in one size.
   * @returns (B, 3, H, W)
   * @throws ImageError when something isn't an image, or the sizes differ
   */
  async process(images: ImageInput | readonly ImageInput[], options: DecodeOptions = {}): Promise<Tensor> {
    const inputs: readonly ImageInput[] = Array.isArray(images) ? images : [images as ImageInput];
    const decoded: RgbImage[] = [];
    for (const input of inputs) decoded.push(this.#fit(await decodeImage(input, options)));
    return this.#batch(decoded);
  }

  /** The `preprocessor_config.json` that Hugging Face's library reads back. */
  toConfig(): JsonObject {
    const { size, resample, cropSize, rescaleFactor, imageMean, imageStd } = this.config;
    return snakeCaseKeys({
      imageProcessorType: cropSize ? "CLIPImageProcessor" : "ViTImageProcessor",
      doResize: size !== undefined,
      ...(size && { size: "shortestEdge" in size ? snakeCaseKeys({ ...size }) : { ...size } }),
      resample: resampleCodes.indexOf(resample),
      ...(cropSize && { doCenterCrop: true, cropSize: { ...cropSize } }),
      doRescale: rescaleFactor !== undefined,
      ...(rescaleFactor !== undefined && { rescaleFactor }),
      doNormalize: imageMean !== undefined,
      ...(imageMean && imageStd && { imageMean: [...imageMean], imageStd: [...imageStd] }),
    });
  }

  #fit(image: RgbImage): RgbImage {
    const { size, resample, cropSize } = this.config;
    const target = size && ("shortestEdge" in size ? shortestEdge(image, size.shortestEdge) : size);
    const resized = target ? resizeImage(image, target.width, target.height, resample) : image;
    return cropSize ? centerCrop(resized, cropSize.width, cropSize.height) : resized;
  }

  #batch(images: readonly RgbImage[]): Tensor {
    const [first] = images;
    if (!first) throw new ImageError("at least one image is needed");
    const { width, height } = first;
    const odd = images.findIndex((image) => image.width !== width || image.height !== height);
    if (odd >= 0) throw new ImageError(`images of one batch must come out in one size, but image 0 is ${width} × ${height} and image ${odd} isn't`);
    const { memory } = engine();
    const pixels = width * height;
    const batch = empty([images.length, 3, height, width]);
    const table = memory.allocate(4 * this.#tables.length);
    const bytes = memory.allocate(3 * pixels);
    try {
      memory.float32(table, this.#tables.length).set(this.#tables);
      for (const [i, { data }] of images.entries()) {
        memory.uint8(bytes, data.length).set(data);
        engine().launch("pixelsToPlanes", pixels, 4, bytes, batch.pointer + 12 * i * pixels, table, pixels);
      }
    } finally {
      memory.free(table);
      memory.free(bytes);
    }
    return batch;
  }
}

/** The other side in proportion, cut to whole pixels. */
function shortestEdge({ width, height }: RgbImage, edge: number): { width: number; height: number } {
  const long = Math.trunc((edge * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: edge, height: long } : { width: long, height: edge };
}

/** What each of the 256 values becomes, for each channel: (3, 256). In float32 step by step, as NumPy computes it. */
function valueTables({ rescaleFactor, imageMean, imageStd }: ImageProcessorConfig): Float32Array {
  const f = Math.fround;
  return Float32Array.from({ length: 3 * 256 }, (_, at) => {
    const channel = at >> 8;
    const scaled = f((at & 255) * (rescaleFactor ?? 1));
    if (!imageMean || !imageStd) return scaled;
    return f(f(scaled - f(imageMean[channel] ?? 0)) / f(imageStd[channel] ?? 1));
  });
}

function configFrom(json: JsonObject): ImageProcessorConfig {
  const c = camelCaseKeys(json);
  const on = (flag: string): boolean => c[flag] !== false;
  const numbers = (key: string): readonly number[] | undefined => {
    const value = c[key];
    if (value === undefined || value === null) return undefined;
    const list = Array.isArray(value) ? value : [value, value, value];
    if (list.length === 3 && list.every((item): item is number => typeof item === "number")) return list;
    throw new ImageError(`preprocessor_config: ${key} should be three numbers, but is ${JSON.stringify(value)}`);
  };
  const resample = resampleCodes[typeof c["resample"] === "number" ? c["resample"] : 2];
  if (!resample) throw new ImageError(`preprocessor_config: resample should be 0 to 5, but is ${JSON.stringify(c["resample"])}`);
  const isClip = /CLIP/.test(String(c["imageProcessorType"] ?? c["featureExtractorType"] ?? ""));
  return {
    size: on("doResize") ? sizeFrom("size", c["size"] ?? 224, isClip) : undefined,
    resample,
    cropSize: c["doCenterCrop"] === true || (isClip && on("doCenterCrop")) ? squareFrom("crop_size", c["cropSize"] ?? 224) : undefined,
    rescaleFactor: on("doRescale") ? (typeof c["rescaleFactor"] === "number" ? c["rescaleFactor"] : 1 / 255) : undefined,
    ...(on("doNormalize")
      ? { imageMean: numbers("imageMean") ?? [0.5, 0.5, 0.5], imageStd: numbers("imageStd") ?? [0.5, 0.5, 0.5] }
      : { imageMean: undefined, imageStd: undefined }),
  };
}

function sizeFrom(key: string, value: Json, isClip: boolean): NonNullable<ImageProcessorConfig["size"]> {
  const edge = typeof value === "number" && isClip ? value : typeof value === "object" && value !== null && "shortest_edge" in value ? value["shortest_edge"] : undefined;
  if (typeof edge === "number" && edge > 0) return { shortestEdge: edge };
  return squareFrom(key, value);
}

function squareFrom(key: string, value: Json): { height: number; width: number } {
  if (typeof value === "number" && value > 0) return { height: value, width: value };
  if (typeof value === "object" && value !== null && "height" in value && "width" in value) {
    const { height, width } = value;
    if (typeof height === "number" && typeof width === "number" && height > 0 && width > 0) return { height, width };
  }
  throw new ImageError(`preprocessor_config: ${key} should be a number of pixels, {height, width} or {shortest_edge}, but is ${JSON.stringify(value)}`);
}
