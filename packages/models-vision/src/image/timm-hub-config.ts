import type { Labels } from "@x/layers";
import type { JsonObject, PixelSize } from "@x/layers/model";
import type { ImageModel } from "./pretrained-processor.ts";
import { timmSettings } from "./timm-settings.ts";

interface TimmModel extends ImageModel {
  readonly config: {
    readonly imageSize: PixelSize;
    readonly numChannels: number;
    readonly numLabels: number;
    readonly id2label: Labels;
    readonly problemType?: string | null | undefined;
    readonly initializerRange?: number | undefined;
  };
}

/**
 * The `config.json` that timm reads back, with what images go through.
 * @param architecture timm's name; undefined where it knows none
 * @param modelArgs of the constructor, beside or in place of what the architecture's name says
 */
export function timmHubConfig(
  { config, processor }: TimmModel,
  architecture: string | undefined,
  numFeatures: number,
  modelArgs: JsonObject,
): JsonObject {
  const { imageSize, numChannels, numLabels, id2label, problemType = null, initializerRange = 0.02 } = config;
  return {
    ...(architecture === undefined ? {} : { architecture }),
    num_classes: numLabels,
    num_features: numFeatures,
    label_names: Object.values(id2label),
    ...(problemType === null ? {} : { problem_type: problemType }), // of these two timm knows nothing
    ...(initializerRange === 0.02 ? {} : { initializer_range: initializerRange }),
    model_args: { img_size: typeof imageSize === "number" ? imageSize : [...imageSize], in_chans: numChannels, ...modelArgs },
    pretrained_cfg: { num_classes: numLabels, ...timmSettings(processor.config, numChannels, imageSize) },
  };
}

/** A ratio of which Python's int(width · ratio) is `inner`. */
export function ratioOf(inner: number, width: number): number {
  const ratio = inner / width;
  return Math.floor(width * ratio) === inner ? ratio : (inner + 0.5) / width;
}
