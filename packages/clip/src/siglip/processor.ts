/** What images go through before SigLIP sees them. */
import { ImageProcessor, type ImageProcessorConfig } from "@x/models-vision";
import type { ImageTextFiles } from "../open-clip/files.ts";
import { openClipProcessor } from "../processor.ts";

/** SigLIP's own: both sides resized, values from −1 to 1. */
export const sigLIPProcessor = (imageSize: number): ImageProcessorConfig => ({
  size: { height: imageSize, width: imageSize },
  resample: "bicubic",
  cropSize: undefined,
  rescaleFactor: 1 / 255,
  imageMean: [0.5, 0.5, 0.5],
  imageStd: [0.5, 0.5, 0.5],
});

/** open_clip's, where its settings lie beside the weights, or SigLIP's own. */
export const usualProcessor = (files: ImageTextFiles, imageSize: number): ImageProcessor =>
  files.openClip ? openClipProcessor(files, imageSize) : new ImageProcessor(sigLIPProcessor(imageSize));
