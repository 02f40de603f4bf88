/** What images go through before CLIP sees them. */
import { type FamilyPart, isJsonObject, type Json, jsonText } from "@x/layers/model";
import { ImageError, ImageProcessor, type ImageProcessorConfig, readImageProcessor } from "@x/models-vision";
import type { ImageTextFiles } from "./open-clip/files.ts";

/** CLIP's own: the shorter side resized, the middle cut out, OpenAI's means. `cropRounding` "even" is torchvision's, in OpenAI's and open_clip's code. */
export const clipProcessor = (imageSize: number, cropRounding: "down" | "even" = "down"): ImageProcessorConfig => ({
  size: { shortestEdge: imageSize },
  resample: "bicubic",
  cropSize: { height: imageSize, width: imageSize },
  cropRounding,
  rescaleFactor: 1 / 255,
  imageMean: [0.48145466, 0.4578275, 0.40821073],
  imageStd: [0.26862954, 0.26130258, 0.27577711],
});

interface Viewer {
  readonly config: { readonly visionConfig: { readonly imageSize: number } };
  processor: ImageProcessor;
}

/** From `preprocessor_config.json` or `processor_config.json`; where there is none, what is usual. */
export const processorPart = (usual: (files: ImageTextFiles, imageSize: number) => ImageProcessor): FamilyPart<Viewer, ImageTextFiles> => ({
  properties: ["processor"],
  async read(model, files) {
    model.processor = (await readImageProcessor(files.source)) ?? usual(files, model.config.visionConfig.imageSize);
  },
  files: ({ processor }) => [["preprocessor_config.json", jsonText(processor.toConfig())]],
});

/** open_clip's evaluation transform: the shorter side, or both, to the model's size. Any other interpolation than "bilinear" is bicubic there. */
export function openClipProcessor({ openClip, config }: Pick<ImageTextFiles, "openClip" | "config">, imageSize: number): ImageProcessor {
  const usual = clipProcessor(imageSize, "model_type" in config ? "down" : "even");
  const given = openClip?.["preprocess_cfg"];
  const { mean, std, interpolation, resize_mode: mode } = isJsonObject(given) ? given : {};
  return new ImageProcessor({
    ...usual,
    ...(mode === "squash" && { size: usual.cropSize, cropSize: undefined }),
    resample: interpolation === "bilinear" ? "bilinear" : "bicubic",
    imageMean: channels("mean", mean) ?? usual.imageMean,
    imageStd: channels("std", std) ?? usual.imageStd,
  });
}

/** Of each channel, or one for all. @throws ImageError when it is neither */
function channels(key: string, value: Json | undefined): readonly number[] | undefined {
  const list = typeof value === "number" ? [value, value, value] : (value ?? undefined);
  if (list === undefined) return undefined;
  if (Array.isArray(list) && list.length === 3 && list.every((part): part is number => typeof part === "number")) return list;
  throw new ImageError(`preprocess_cfg: ${key} should be three numbers, but is ${JSON.stringify(value)}`);
}
