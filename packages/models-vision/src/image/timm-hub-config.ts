import type { Labels } from "@x/layers";
import type { JsonObject } from "@x/layers/model";
import type { ImageModel } from "./pretrained-processor.ts";

interface TimmModel extends ImageModel {
  readonly config: {
    readonly imageSize: number;
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
  const { size, resample, cropSize, imageMean, imageStd } = processor.config;
  const share = size && "shortestEdge" in size ? cropShare(cropSize?.height ?? imageSize, size.shortestEdge) : undefined;
  return {
    ...(architecture === undefined ? {} : { architecture }),
    num_classes: numLabels,
    num_features: numFeatures,
    label_names: Object.values(id2label),
    ...(problemType === null ? {} : { problem_type: problemType }), // of these two timm knows nothing
    ...(initializerRange === 0.02 ? {} : { initializer_range: initializerRange }),
    model_args: { img_size: imageSize, in_chans: numChannels, ...modelArgs },
    pretrained_cfg: {
      input_size: [numChannels, imageSize, imageSize],
      num_classes: numLabels,
      interpolation: resample,
      crop_pct: share ?? 1,
      crop_mode: share === undefined ? "squash" : "center",
      mean: imageMean ?? [0, 0, 0],
      std: imageStd ?? [1, 1, 1],
    },
  };
}

/** The `crop_pct` from which timm finds the edge again, as floor(cropSize / crop_pct); where rounding would lose a pixel, one a little smaller. */
function cropShare(cropSize: number, edge: number): number {
  const share = cropSize / edge;
  return Math.floor(cropSize / share) === edge ? share : cropSize / (edge + 0.5);
}

/** A ratio of which Python's int(width · ratio) is `inner`. */
export function ratioOf(inner: number, width: number): number {
  const ratio = inner / width;
  return Math.floor(width * ratio) === inner ? ratio : (inner + 0.5) / width;
}
