/** What images go through in timm, said by `pretrained_cfg`. */
import { camelCaseKeys, type JsonObject, type PixelSize, sidesOf } from "@x/layers/model";
import { type ImageProcessorConfig, Settings, unfollowed } from "./processor-settings.ts";
import { resampleCodes } from "./resample.ts";

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
