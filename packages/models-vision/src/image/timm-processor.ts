/** What images go through in timm, said by `pretrained_cfg`. */
import { camelCaseKeys, type JsonObject, type PixelSize, sidesOf } from "@x/layers/model";
import { type ImageProcessorConfig, Settings, type Sides, square, unfollowed } from "./processor-settings.ts";
import { resampleCodes } from "./resample.ts";
import { ImageError } from "./rgb-image.ts";

const imageNet = { imageMean: [0.485, 0.456, 0.406], imageStd: [0.229, 0.224, 0.225] } as const;

/**
 * timm's evaluation transform: the shorter side (or both, if `crop_mode` is "squash") to floor(size / crop_pct), then the middle. Pictures of unequal sides are
 * scaled in proportion, until they cover both.
 * @param imageSize of the model; default what `input_size` says, or 224
 * @throws ImageError naming the setting that can't be followed
 */
export function timmConfigFrom(json: JsonObject, imageSize?: PixelSize): ImageProcessorConfig {
  const said = Object.fromEntries(Object.entries(json).filter(([, value]) => Boolean(value))); // null, 0 and "" say nothing
  const settings = new Settings(camelCaseKeys(said));
  const { input_size: input, crop_mode: mode = "center", interpolation = "bicubic" } = said;
  const [channels, ...sides] = Array.isArray(input) ? input : [3, 224, 224];
  const [height, width] = imageSize === undefined ? sides : sidesOf(imageSize);
  if (channels !== 1 && channels !== 3) throw unfollowed("inputSize", "[3, height, width] or [1, height, width]", input);
  if (typeof height !== "number" || typeof width !== "number") throw unfollowed("inputSize", "[3, height, width]", input);
  const share = settings.number("cropPct", 0.875);
  if (share <= 0) throw unfollowed("cropPct", "a number above 0", share);
  const scaled = { height: Math.floor(height / share), width: Math.floor(width / share) };
  if (mode !== "center" && mode !== "squash") throw unfollowed("cropMode", '"center" or "squash"', mode);
  const resample = resampleCodes.find((known) => known === interpolation);
  if (!resample) throw unfollowed("interpolation", resampleCodes.join(", "), interpolation);
  return {
    ...(channels === 1 && { numChannels: channels }),
    size: mode === "squash" ? scaled : scaled.height === scaled.width ? { shortestEdge: scaled.height } : { cover: scaled },
    resample,
    cropSize: { height, width },
    cropRounding: "even",
    rescaleFactor: 1 / 255,
    imageMean: settings.channels("mean", imageNet.imageMean, channels),
    imageStd: settings.channels("std", imageNet.imageStd, channels),
  };
}

/** The same back, as far as timm can say it. @param numChannels,imageSize of the model */
export function timmSettings(config: ImageProcessorConfig, numChannels: number, imageSize: PixelSize): JsonObject {
  const { size, resample, cropSize, imageMean, imageStd } = config;
  const [height, width] = sidesOf(imageSize);
  const crop = cropSize ?? { height, width };
  const isSquashed = size === undefined || "height" in size;
  const edges = isSquashed ? (size ?? crop) : "cover" in size ? size.cover : square(size.shortestEdge);
  return {
    input_size: [numChannels, height, width],
    interpolation: resample,
    crop_pct: cropShare(crop, edges),
    crop_mode: isSquashed ? "squash" : "center",
    mean: imageMean ? [...imageMean] : [0, 0, 0],
    std: imageStd ? [...imageStd] : [1, 1, 1],
  };
}

/** A `preprocessor_config.json` that says it in timm's words. @throws ImageError when it does what timm doesn't */
export function timmForm(config: ImageProcessorConfig): JsonObject {
  const { cropSize, cropRounding, rescaleFactor, imageMean, numChannels = 3 } = config;
  if (!cropSize || cropRounding !== "even" || rescaleFactor !== 1 / 255 || !imageMean)
    throw new ImageError(
      "ImageProcessor: a size to cover can only be saved with timm's other steps: a crop, rounded to even, a factor of 1 / 255, mean and deviation",
    );
  const settings = timmSettings(config, numChannels, [cropSize.height, cropSize.width]);
  return { image_processor_type: "TimmWrapperImageProcessor", pretrained_cfg: settings };
}

/** The `crop_pct` from which timm finds the edges again, as floor(crop / crop_pct); where rounding would lose a pixel, one a little smaller. */
function cropShare(crop: Sides, edges: Sides): number {
  const most = Math.min(crop.height / edges.height, crop.width / edges.width);
  if (Math.floor(crop.height / most) === edges.height && Math.floor(crop.width / most) === edges.width) return most;
  return (most + Math.max(crop.height / (edges.height + 1), crop.width / (edges.width + 1))) / 2;
}
