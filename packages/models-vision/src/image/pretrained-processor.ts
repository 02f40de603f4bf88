import type { JsonObject, PretrainedFiles } from "@x/layers";
import { ImageProcessor, type ImageProcessorConfig } from "./image-processor.ts";
import type { Resample } from "./resample.ts";

/** What HF's ViT processor does when nothing else is said: a square, bilinear, values from −1 to 1. */
export const defaultProcessor = (imageSize: number): ImageProcessorConfig => ({
  size: { height: imageSize, width: imageSize },
  resample: "bilinear",
  cropSize: undefined,
  rescaleFactor: 1 / 255,
  imageMean: [0.5, 0.5, 0.5],
  imageStd: [0.5, 0.5, 0.5],
});

/** From `preprocessor_config.json`, or timm's `pretrained_cfg` inside `config.json`, or the defaults. @throws ImageError when one can't be followed */
export async function pretrainedProcessor(files: PretrainedFiles, imageSize: number): Promise<ImageProcessor> {
  const json = await files.readJson("preprocessor_config.json");
  if (json) return ImageProcessor.fromConfig(json);
  const timm = files.config["pretrained_cfg"];
  if (typeof timm === "object" && timm !== null && "mean" in timm) return new ImageProcessor(timmProcessor(timm, imageSize));
  return new ImageProcessor(defaultProcessor(imageSize));
}

/** timm's evaluation transform: the shorter side to floor(size / crop_pct), then the middle. */
function timmProcessor(settings: JsonObject, imageSize: number): ImageProcessorConfig {
  const cropShare = typeof settings["crop_pct"] === "number" ? settings["crop_pct"] : 0.875;
  const { imageMean, imageStd } = ImageProcessor.fromConfig({ image_mean: settings["mean"] ?? null, image_std: settings["std"] ?? null }).config;
  return {
    ...defaultProcessor(imageSize),
    size: { shortestEdge: Math.floor(imageSize / cropShare) },
    resample: (settings["interpolation"] ?? "bicubic") as Resample,
    cropSize: { height: imageSize, width: imageSize },
    imageMean,
    imageStd,
  };
}

/** The text files of a model folder. */
export const pretrainedTexts = (config: JsonObject, processor: ImageProcessor): ReadonlyMap<string, string> =>
  new Map([
    ["config.json", `${JSON.stringify(config, null, 2)}\n`],
    ["preprocessor_config.json", `${JSON.stringify(processor.toConfig(), null, 2)}\n`],
  ]);
