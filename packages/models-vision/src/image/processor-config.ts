/** What an image processor does, and the forms in which `preprocessor_config.json` and timm's `pretrained_cfg` say it. */
import { camelCaseKeys, isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { type Resample, resampleCodes } from "./resample.ts";
import { ImageError } from "./rgb-image.ts";

export interface Sides {
  readonly height: number;
  readonly width: number;
}

/** What images go through before a model sees them; steps that are undefined are left out. */
export interface ImageProcessorConfig {
  /** Both sides; or the shorter one with the other in proportion, which `longestEdge` may hold down. Pixels. */
  readonly size: Sides | { readonly shortestEdge: number; readonly longestEdge?: number | undefined } | undefined;
  readonly resample: Resample;
  /** What is cut out of the middle afterwards; a smaller image gets a black border. Pixels. */
  readonly cropSize: Sides | undefined;
  /** Where the middle of an odd margin is: "down" as in Hugging Face's processors, "even" as in torchvision and timm. Default "down". */
  readonly cropRounding?: "down" | "even" | undefined;
  /** Multiplies the values 0…255; undefined leaves them. */
  readonly rescaleFactor: number | undefined;
  /** 1 for models of grey pictures: colours become brightness first. Default 3. */
  readonly numChannels?: 1 | 3 | undefined;
  /** A number for each channel: subtracted from red, green and blue, which are then divided by `imageStd`. */
  readonly imageMean: readonly number[] | undefined;
  readonly imageStd: readonly number[] | undefined;
}

const imageNet = { imageMean: [0.485, 0.456, 0.406], imageStd: [0.229, 0.224, 0.225] } as const;
const openAi = { imageMean: [0.48145466, 0.4578275, 0.40821073], imageStd: [0.26862954, 0.26130258, 0.27577711] } as const;
const half = { imageMean: [0.5, 0.5, 0.5], imageStd: [0.5, 0.5, 0.5] } as const;

const square = (side: number): Sides => ({ height: side, width: side });

/** What Hugging Face's classes do where a file says nothing. */
interface Defaults extends ImageProcessorConfig {
  /** Whether a single number for `size` means both sides. */
  readonly isSquare: boolean;
  /** Whether small pictures are made larger and cut, ConvNeXt's way, where no `crop_pct` says how much. Default false. */
  readonly hasCropShare?: boolean | undefined;
}

const vit: Defaults = { size: square(224), resample: "bilinear", cropSize: undefined, rescaleFactor: 1 / 255, ...half, isSquare: true };
const clip: Defaults = { ...vit, size: { shortestEdge: 224 }, resample: "bicubic", cropSize: square(224), ...openAi, isSquare: false };
const deit: Defaults = { ...vit, size: square(256), resample: "bicubic", cropSize: square(224) };
const convNext: Defaults = { ...vit, size: { shortestEdge: 384 }, resample: "bicubic", isSquare: false, hasCropShare: true };

const beit: Defaults = { ...vit, resample: "bicubic" };
const siglip: Defaults = { ...beit, isSquare: false };

/** By the first part of their names: `ViTImageProcessorFast`. */
const classes: Readonly<Record<string, Defaults>> = {
  ViT: vit,
  CLIP: clip,
  ChineseCLIP: clip,
  Bit: clip,
  DeiT: deit,
  ConvNext: convNext,
  ConvNeXT: convNext,
  ConvNeXt: convNext,
  Siglip: siglip,
  Beit: beit,
};

/** @throws ImageError when the class is another one, which may do other things */
function defaultsFor(type: Json | undefined): Defaults {
  if (type === undefined || type === null) return vit;
  const [, kind = ""] = /^(\w+?)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/.exec(String(type)) ?? [];
  const found = Object.hasOwn(classes, kind) ? classes[kind] : undefined;
  if (found) return found;
  throw unfollowed("imageProcessorType", `one of ${Object.keys(classes).join(", ")} and ImageProcessor`, type);
}

/**
 * Any form that `preprocessor_config.json` has had: numbers or objects as sizes, `feature_extractor_type`, missing and null settings, and timm's.
 * @throws ImageError naming the setting that can't be followed
 */
export function processorConfigFrom(json: JsonObject): ImageProcessorConfig {
  const timm = json["pretrained_cfg"] ?? json["data_config"];
  if (isJsonObject(timm)) return timmConfigFrom(timm);
  if ("input_size" in json) return timmConfigFrom(json); // timm's older files have it beside the rest
  const settings = new Settings(camelCaseKeys(json));
  if (settings.flag("doPad", false) && settings.has("padSize")) throw unfollowed("padSize", "left out", json["pad_size"]);
  const usual = defaultsFor(json["image_processor_type"] ?? json["feature_extractor_type"]);
  const defaults = { ...usual, isSquare: settings.flag("defaultToSquare", usual.isSquare) };
  const sizes = settings.flag("doResize", true) ? resizing(settings, defaults) : { size: undefined };
  const crops = settings.flag("doCenterCrop", defaults.cropSize !== undefined);
  const numChannels = settings.numChannels("imageMean");
  return {
    ...(numChannels === 1 && { numChannels }),
    size: sizes.size,
    resample: settings.resample(defaults.resample),
    cropSize: crops ? settings.sides("cropSize", defaults.cropSize ?? square(224)) : sizes.cropSize,
    ...(json["crop_rounding"] === "even" && { cropRounding: "even" }),
    rescaleFactor: settings.flag("doRescale", true) ? settings.number("rescaleFactor", 1 / 255) : undefined,
    ...(settings.flag("doNormalize", true)
      ? {
          imageMean: settings.channels("imageMean", defaults.imageMean, numChannels),
          imageStd: settings.channels("imageStd", defaults.imageStd, numChannels),
        }
      : { imageMean: undefined, imageStd: undefined }),
  };
}

/** Whether it is timm's form. */
export const isTimm = (json: JsonObject): boolean => isJsonObject(json["pretrained_cfg"] ?? json["data_config"]) || "input_size" in json;

/** The size, and ConvNeXt's `crop_pct`: below 384 pixels the shorter side is made larger by it, and the middle cut out. */
function resizing(settings: Settings, defaults: Defaults): { size: ImageProcessorConfig["size"]; cropSize?: Sides } {
  const size = settings.size(defaults);
  if (!defaults.hasCropShare && !settings.has("cropPct")) return { size };
  const edge = size && "shortestEdge" in size ? size.shortestEdge : size?.height;
  const share = settings.number("cropPct", 224 / 256);
  if (edge === undefined || share <= 0) throw unfollowed("cropPct", "a number above 0", share);
  return edge < 384 ? { size: { shortestEdge: Math.trunc(edge / share) }, cropSize: square(edge) } : { size: square(edge) };
}

/**
 * timm's evaluation transform: the shorter side (or both, if `crop_mode` is "squash") to floor(size / crop_pct), then the middle.
 * @param imageSize of the model; default what `input_size` says, or 224
 * @throws ImageError naming the setting that can't be followed
 */
export function timmConfigFrom(json: JsonObject, imageSize?: number): ImageProcessorConfig {
  const settings = new Settings(camelCaseKeys(json));
  const input = json["input_size"];
  const [channels, ...sides] = Array.isArray(input) ? input : [3, 224, 224];
  const [height, width] = imageSize === undefined ? sides : [imageSize, imageSize];
  if (channels !== 1 && channels !== 3) throw unfollowed("inputSize", "[3, side, side] or [1, side, side]", input);
  if (typeof height !== "number" || height !== width) throw unfollowed("inputSize", "[3, side, side]", input);
  const share = settings.number("cropPct", 0.875);
  if (share <= 0) throw unfollowed("cropPct", "a number above 0", share);
  const scaled = Math.floor(height / share);
  const mode = json["crop_mode"] ?? "center";
  if (mode !== "center" && mode !== "squash") throw unfollowed("cropMode", '"center" or "squash"', mode);
  const name = json["interpolation"] ?? "bicubic";
  const resample = resampleCodes.find((known) => known === name);
  if (!resample) throw unfollowed("interpolation", resampleCodes.join(", "), name);
  return {
    ...(channels === 1 && { numChannels: channels }),
    size: mode === "squash" ? square(scaled) : { shortestEdge: scaled },
    resample,
    cropSize: square(height),
    cropRounding: "even",
    rescaleFactor: 1 / 255,
    imageMean: settings.channels("mean", imageNet.imageMean, channels),
    imageStd: settings.channels("std", imageNet.imageStd, channels),
  };
}

/** A file's settings, with their types checked; what is missing or null has its default. */
class Settings {
  readonly #values: JsonObject;

  constructor(values: JsonObject) {
    this.#values = values;
  }

  has(key: string): boolean {
    return (this.#values[key] ?? null) !== null;
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.#values[key] ?? otherwise;
    if (typeof value !== "boolean") throw unfollowed(key, "true or false", value);
    return value;
  }

  number(key: string, otherwise: number): number {
    const value = this.#values[key] ?? otherwise;
    if (typeof value !== "number") throw unfollowed(key, "a number", value);
    return value;
  }

  /** One where a file has one mean, or says so; else three. */
  numChannels(key: string): 1 | 3 {
    const [told, means] = [this.#values["numChannels"], this.#values[key]];
    if (this.has("numChannels") && told !== 1 && told !== 3) throw unfollowed("numChannels", "1 or 3", told);
    return told === 1 || (Array.isArray(means) && means.length === 1) ? 1 : 3;
  }

  /** One number for each channel, or one for all. */
  channels(key: string, otherwise: readonly number[] | undefined, count: 1 | 3): readonly number[] | undefined {
    if (!this.has(key)) return otherwise?.slice(0, count);
    const value = this.#values[key];
    const list: readonly (Json | undefined)[] = Array.isArray(value) ? value : Array.from({ length: count }, () => value);
    if (list.length === count && list.every((item): item is number => typeof item === "number")) return list;
    throw unfollowed(key, count === 3 ? "three numbers" : "one number", value);
  }

  resample(otherwise: Resample): Resample {
    if (!this.has("resample")) return otherwise;
    const value = this.#values["resample"];
    const found = typeof value === "number" ? resampleCodes[value] : undefined;
    if (!found) throw unfollowed("resample", "0 to 5", value);
    return found;
  }

  size({ size, isSquare }: Defaults): ImageProcessorConfig["size"] {
    const value = this.#values["size"] ?? undefined;
    if (value === undefined) return size;
    if (typeof value === "number" && !isSquare) return { shortestEdge: value };
    if (isJsonObject(value) && typeof value["shortest_edge"] === "number") {
      const longest = value["longest_edge"];
      return { shortestEdge: value["shortest_edge"], ...(typeof longest === "number" && { longestEdge: longest }) };
    }
    return this.sides("size", square(224));
  }

  /** A number, [height, width] or {height, width}. */
  sides(key: string, otherwise: Sides): Sides {
    const value = this.#values[key] ?? undefined;
    if (value === undefined) return otherwise;
    const [height, width] =
      typeof value === "number"
        ? [value, value]
        : Array.isArray(value)
          ? value
          : isJsonObject(value)
            ? [value["height"], value["width"]]
            : [];
    if (typeof height === "number" && typeof width === "number") return { height, width };
    const forms = key === "size" ? "a number of pixels, {height, width} or {shortest_edge}" : "a number of pixels or {height, width}";
    throw unfollowed(key, forms, value);
  }
}

const unfollowed = (key: string, expected: string, found: Json | undefined): ImageError =>
  new ImageError(`preprocessor_config: ${key} should be ${expected}, but is ${JSON.stringify(found)}`);

/** Of pictures that a model sees, in pixels. */
const LONGEST_SIDE = 65_536;

/** @throws ImageError naming the number that can't be */
export function checkConfig(config: ImageProcessorConfig): void {
  const { size, cropSize, resample, rescaleFactor, imageMean, imageStd, numChannels = 3 } = config;
  const check = (name: string, rule: string, holds: boolean, found: unknown): void => {
    if (!holds) throw new ImageError(`ImageProcessor: ${name} should be ${rule}, but is ${JSON.stringify(found)}`);
  };
  const isSide = (side: number): boolean => Number.isInteger(side) && side > 0 && side <= LONGEST_SIDE;
  const fit = (list: readonly number[]): boolean => list.length === numChannels && list.every(Number.isFinite);
  const numbers = numChannels === 1 ? "one finite number" : "three finite numbers";
  check("size", `whole numbers of pixels from 1 to ${LONGEST_SIDE}`, size === undefined || Object.values(size).every(isSide), size);
  check(
    "cropSize",
    `whole numbers of pixels from 1 to ${LONGEST_SIDE}`,
    cropSize === undefined || Object.values(cropSize).every(isSide),
    cropSize,
  );
  check("numChannels", "1 or 3", numChannels === 1 || numChannels === 3, numChannels);
  check("resample", `one of ${resampleCodes.join(", ")}`, resampleCodes.includes(resample), resample);
  check("rescaleFactor", "a finite number", rescaleFactor === undefined || Number.isFinite(rescaleFactor), rescaleFactor);
  check("imageMean", "given with imageStd, or neither", (imageMean === undefined) === (imageStd === undefined), imageMean);
  check("imageMean", numbers, imageMean === undefined || fit(imageMean), imageMean);
  check("imageStd", `${numbers} other than 0`, imageStd === undefined || (fit(imageStd) && !imageStd.includes(0)), imageStd);
}

/** The sides after resizing, as Hugging Face computes them: cut to whole pixels; with a longest edge, the shorter one is rounded first. */
export function targetSides({ width, height }: Sides, size: NonNullable<ImageProcessorConfig["size"]>): Sides {
  if ("height" in size) return size;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const sides = (shorter: number, longer: number): Sides =>
    width <= height ? { height: longer, width: shorter } : { height: shorter, width: longer };
  const { shortestEdge, longestEdge } = size;
  if (longestEdge === undefined || (long / short) * shortestEdge <= longestEdge) {
    return short === shortestEdge ? { height, width } : sides(shortestEdge, Math.trunc((shortestEdge * long) / short));
  }
  const exact = (longestEdge * short) / long;
  const shorter = roundedToEven(exact);
  return short === shorter ? { height, width } : sides(shorter, Math.trunc((exact * long) / short));
}

/** Halves to the even neighbour, as Python rounds. */
export function roundedToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below & 1) : Math.round(value);
}
