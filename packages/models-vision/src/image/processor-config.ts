/** The forms in which `preprocessor_config.json` says what an image processor does. */
import { camelCaseKeys, isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { type ImageProcessorConfig, Settings, type Sides, square, unfollowed } from "./processor-settings.ts";
import { resampleCodes } from "./resample.ts";
import { ImageError } from "./rgb-image.ts";
import { timmConfigFrom } from "./processor-of-timm.ts";

const openAi = { imageMean: [0.48145466, 0.4578275, 0.40821073], imageStd: [0.26862954, 0.26130258, 0.27577711] } as const;
const half = { imageMean: [0.5, 0.5, 0.5], imageStd: [0.5, 0.5, 0.5] } as const;

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
 * Any form that `preprocessor_config.json` has had: numbers or objects as sizes, `feature_extractor_type`, missing settings, and timm's.
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
  const resizes = settings.flag("doResize", true);
  const sizes = resizes ? resizing(settings, defaults, json) : { size: undefined };
  const crops = settings.flag("doCenterCrop", defaults.cropSize !== undefined);
  const normalizes = settings.flag("doNormalize", true);
  const numChannels = settings.numChannels(normalizes ? "imageMean" : undefined);
  return {
    ...(numChannels === 1 && { numChannels }),
    size: sizes.size,
    resample: resizes ? settings.resample(defaults.resample) : defaults.resample,
    cropSize: crops ? settings.sides("cropSize", defaults.cropSize) : sizes.cropSize,
    ...(json["crop_rounding"] === "even" && { cropRounding: "even" }),
    rescaleFactor: settings.flag("doRescale", true) ? settings.number("rescaleFactor", 1 / 255) : undefined,
    ...(normalizes
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
function resizing(settings: Settings, defaults: Defaults, json: JsonObject): { size: ImageProcessorConfig["size"]; cropSize?: Sides } {
  const size = settings.size(defaults);
  if (!defaults.hasCropShare) return { size };
  if (!size || !("shortestEdge" in size)) throw unfollowed("size", "{shortest_edge}", json["size"]);
  const { shortestEdge: edge } = size;
  if (edge >= 384) return { size: square(edge) };
  if (settings.flag("doCenterCrop", false))
    throw unfollowed("doCenterCrop", "false, because below 384 pixels pictures are cropped anyway", true);
  const share = settings.number("cropPct", 224 / 256);
  if (share <= 0) throw unfollowed("cropPct", "a number above 0", share);
  return { size: { shortestEdge: Math.trunc(edge / share) }, cropSize: square(edge) };
}

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
  const sides = Object.values(size === undefined ? {} : "cover" in size ? size.cover : size);
  check("size", `whole numbers of pixels from 1 to ${LONGEST_SIDE}`, sides.every(isSide), size);
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

/**
 * The sides after resizing, as Hugging Face computes them: cut to whole pixels; with a longest edge, the shorter one is rounded first. Where something is to be
 * covered, as timm does: rounded.
 */
export function targetSides({ width, height }: Sides, size: NonNullable<ImageProcessorConfig["size"]>): Sides {
  if ("height" in size) return size;
  if ("cover" in size) {
    const ratio = Math.min(height / size.cover.height, width / size.cover.width);
    return { height: roundedToEven(height / ratio), width: roundedToEven(width / ratio) };
  }
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
