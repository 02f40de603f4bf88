/** What images go through before CLIP sees them. */
import { type FamilyPart, isJsonObject, type Json, type JsonObject, jsonText, type PretrainedFiles, readJson } from "@x/layers/model";
import { ImageProcessor, type ImageProcessorConfig } from "@x/models-vision";
import type { CLIPConfig } from "./config.ts";

/** What a CLIP is read from. OpenAI's files stand alone, so every JSON file may be absent. */
export interface CLIPFiles extends PretrainedFiles {
  /** open_clip's settings. */
  readonly openClip: JsonObject | undefined;
}

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

/** From `preprocessor_config.json`, or open_clip's settings, or CLIP's own. */
export const processorPart: FamilyPart<{ readonly config: CLIPConfig; processor: ImageProcessor }, CLIPFiles> = {
  properties: ["processor"],
  async read(model, files) {
    const json = await readJson(files.source, "preprocessor_config.json");
    model.processor = json ? ImageProcessor.fromConfig(json) : openClipProcessor(files, model.config.visionConfig.imageSize);
  },
  files: ({ processor }) => [["preprocessor_config.json", jsonText(processor.toConfig())]],
};

function openClipProcessor({ openClip, config }: CLIPFiles, imageSize: number): ImageProcessor {
  const usual = clipProcessor(imageSize, "model_type" in config ? "down" : "even");
  const given = openClip?.["preprocess_cfg"];
  const settings = isJsonObject(given) ? given : {};
  const [imageMean, imageStd] = [numbers(settings["mean"]), numbers(settings["std"])];
  return new ImageProcessor({ ...usual, ...(imageMean && imageStd && { imageMean, imageStd }) });
}

const numbers = (value: Json | undefined): number[] | undefined => (Array.isArray(value) ? value.map(Number) : undefined);
