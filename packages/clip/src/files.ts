import {
  type Checkpoint,
  type FileSource,
  isJsonObject,
  type Json,
  type JsonObject,
  openCheckpoint,
  openSource,
  type PretrainedOptions,
  readJson,
  type SourceLocation,
} from "@x/layers";
import { ImageProcessor, type ImageProcessorConfig } from "@x/models-vision";

/** What a CLIP is read from. OpenAI's files stand alone, so every JSON file may be absent. */
export interface CLIPFiles {
  readonly source: FileSource;
  readonly checkpoint: Checkpoint;
  readonly config: JsonObject;
  /** open_clip's settings. */
  readonly openClip: JsonObject | undefined;
  readonly preprocessor: JsonObject | undefined;
}

/** @throws CheckpointError when there is no checkpoint, or a file is damaged */
export async function openCLIP(where: SourceLocation, options: PretrainedOptions): Promise<CLIPFiles> {
  const source = await openSource(where, options);
  const checkpoint = await openCheckpoint(source, options);
  const config = (await readJson(source, "config.json")) ?? {};
  const [openClip, preprocessor] = [await readJson(source, "open_clip_config.json"), await readJson(source, "preprocessor_config.json")];
  return { source, checkpoint, config, openClip, preprocessor };
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

/** From `preprocessor_config.json`, or open_clip's settings, or CLIP's own. @throws ImageError when one can't be followed */
export function processorFrom({ preprocessor, openClip, config }: CLIPFiles, imageSize: number): ImageProcessor {
  if (preprocessor) return ImageProcessor.fromConfig(preprocessor);
  const usual = clipProcessor(imageSize, "model_type" in config ? "down" : "even");
  const given = openClip?.["preprocess_cfg"];
  const settings = isJsonObject(given) ? given : {};
  const [imageMean, imageStd] = [numbers(settings["mean"]), numbers(settings["std"])];
  return new ImageProcessor({ ...usual, ...(imageMean && imageStd && { imageMean, imageStd }) });
}

const numbers = (value: Json | undefined): number[] | undefined => (Array.isArray(value) ? value.map(Number) : undefined);
