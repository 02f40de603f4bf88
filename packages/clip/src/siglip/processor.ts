/** What images go through before SigLIP sees them. */
import { type FamilyPart, jsonText, readJson } from "@x/layers/model";
import { ImageProcessor, type ImageProcessorConfig } from "@x/models-vision";
import type { SigLIPConfig } from "./config.ts";

/** SigLIP's own: both sides resized, values from −1 to 1. */
export const sigLIPProcessor = (imageSize: number): ImageProcessorConfig => ({
  size: { height: imageSize, width: imageSize },
  resample: "bicubic",
  cropSize: undefined,
  rescaleFactor: 1 / 255,
  imageMean: [0.5, 0.5, 0.5],
  imageStd: [0.5, 0.5, 0.5],
});

/** From `preprocessor_config.json`, or SigLIP's own. */
export const sigLIPProcessorPart: FamilyPart<{ readonly config: SigLIPConfig; processor: ImageProcessor }> = {
  properties: ["processor"],
  async read(model, { source }) {
    const json = await readJson(source, "preprocessor_config.json");
    model.processor = json ? ImageProcessor.fromConfig(json) : new ImageProcessor(sigLIPProcessor(model.config.visionConfig.imageSize));
  },
  files: ({ processor }) => [["preprocessor_config.json", jsonText(processor.toConfig())]],
};
