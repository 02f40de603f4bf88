import { isJsonObject, type JsonObject, type PretrainedFiles } from "@x/layers";
import { ImageProcessor, type ImageProcessorConfig } from "./image-processor.ts";
import { timmConfigFrom } from "./processor-config.ts";

/** What HF's ViT processor does when nothing else is said: a square, bilinear, values from −1 to 1. */
export const defaultProcessor = (imageSize: number): ImageProcessorConfig => ({
  size: { height: imageSize, width: imageSize },
  resample: "bilinear",
  cropSize: undefined,
  rescaleFactor: 1 / 255,
  imageMean: [0.5, 0.5, 0.5],
  imageStd: [0.5, 0.5, 0.5],
});

/** From `preprocessor_config.json`, or timm's settings inside `config.json`, or the defaults. @throws ImageError when one can't be followed */
export async function pretrainedProcessor(files: PretrainedFiles, imageSize: number): Promise<ImageProcessor> {
  const json = await files.readJson("preprocessor_config.json");
  if (json) return ImageProcessor.fromConfig(json);
  const timm = timmSettings(files.config);
  return new ImageProcessor(timm ? timmConfigFrom(timm, imageSize) : defaultProcessor(imageSize));
}

/** In `pretrained_cfg`, or in older files beside `architecture`. */
function timmSettings(config: JsonObject): JsonObject | undefined {
  const nested = config["pretrained_cfg"];
  if (isJsonObject(nested) && "mean" in nested) return nested;
  return "architecture" in config && "mean" in config ? config : undefined;
}

/** The text files of a model folder. */
export const pretrainedTexts = (config: JsonObject, processor: ImageProcessor): ReadonlyMap<string, string> =>
  new Map([
    ["config.json", `${JSON.stringify(config, null, 2)}\n`],
    ["preprocessor_config.json", `${JSON.stringify(processor.toConfig(), null, 2)}\n`],
  ]);
