/** What images go through before SigLIP sees them. */
import { type FamilyPart, jsonText } from "@x/layers/model";
import { ImageProcessor, type ImageProcessorConfig, readImageProcessor } from "@x/models-vision";
import type { ImageTextFiles } from "../open-clip/files.ts";
import { openClipProcessor } from "../processor.ts";
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

/** From `preprocessor_config.json` or `processor_config.json`, or open_clip's settings, or SigLIP's own. */
export const sigLIPProcessorPart: FamilyPart<{ readonly config: SigLIPConfig; processor: ImageProcessor }, ImageTextFiles> = {
  properties: ["processor"],
  async read(model, files) {
    const { imageSize } = model.config.visionConfig;
    const usual = (): ImageProcessor =>
      files.openClip ? openClipProcessor(files, imageSize) : new ImageProcessor(sigLIPProcessor(imageSize));
    model.processor = (await readImageProcessor(files.source)) ?? usual();
  },
  files: ({ processor }) => [["preprocessor_config.json", jsonText(processor.toConfig())]],
};
