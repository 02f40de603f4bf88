/** What images go through, in timm's words: the inverse of `timmConfigFrom`. */
import { type JsonObject, type PixelSize, sidesOf } from "@x/layers/model";
import type { ImageProcessorConfig, Sides } from "./processor-settings.ts";
import { ImageError } from "./rgb-image.ts";

/** As far as timm can say it. @param numChannels,imageSize of the model */
export function timmSettings(config: ImageProcessorConfig, numChannels: number, imageSize: PixelSize): JsonObject {
  const { size, resample, cropSize, imageMean, imageStd } = config;
  const [height, width] = sidesOf(imageSize);
  const crop = cropSize ?? { height, width };
  const isSquashed = size === undefined || "height" in size;
  const edges = isSquashed ? (size ?? crop) : "cover" in size ? size.cover : { height: size.shortestEdge, width: size.shortestEdge };
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
