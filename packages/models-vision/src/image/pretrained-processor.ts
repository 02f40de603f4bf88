/** The image processor that comes with a model, and the head that its models have in common: what vision families share on the hub. */
import type { CheckpointOptions, Labels } from "@x/layers";
import {
  type FamilyPart,
  type FileSource,
  type Head,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonText,
  numbered,
  openPretrained,
  type PixelSize,
  type PretrainedFiles,
  readJson,
  sidesOf,
} from "@x/layers/model";
import { ImageProcessor, type ImageProcessorConfig } from "./image-processor.ts";
import { timmConfigFrom } from "./processor-of-timm.ts";

interface ImageSizes {
  readonly imageSize: PixelSize;
  readonly numChannels: number;
}

/** What reading and saving need of a model. */
export interface ImageModel<Config extends ImageSizes = ImageSizes> {
  readonly config: Config;
  processor: ImageProcessor;
}

/** What HF's ViT processor does when nothing else is said: the model's size, bilinear, values from −1 to 1; of grey pictures for models of one channel. */
export function defaultProcessor(imageSize: PixelSize, numChannels: number): ImageProcessorConfig {
  const [height, width] = sidesOf(imageSize);
  return {
    ...(numChannels === 1 && { numChannels }),
    size: { height, width },
    resample: "bilinear",
    cropSize: undefined,
    rescaleFactor: 1 / 255,
    imageMean: numChannels === 1 ? [0.5] : [0.5, 0.5, 0.5],
    imageStd: numChannels === 1 ? [0.5] : [0.5, 0.5, 0.5],
  };
}

/**
 * What a place says of how pictures come in: `preprocessor_config.json`, or `processor_config.json`, which has it inside since transformers 5 and counts first, as
 * there. undefined when it says nothing.
 * @throws ImageError naming the setting that can't be followed
 */
export async function readImageProcessor(source: FileSource): Promise<ImageProcessor | undefined> {
  const whole = await readJson(source, "processor_config.json");
  const inside = whole?.["image_processor"];
  const json = isJsonObject(inside) ? inside : await readJson(source, "preprocessor_config.json");
  return json && ImageProcessor.fromConfig(json);
}

/** From `preprocessor_config.json`, or timm's settings inside `config.json`, or the defaults. */
export const imageProcessorPart: FamilyPart<ImageModel> = {
  properties: ["processor"],
  async read(model, { source, config }) {
    const { imageSize, numChannels } = model.config;
    const timm = timmSettings(config);
    const usual = () => new ImageProcessor(timm ? timmConfigFrom(timm, imageSize) : defaultProcessor(imageSize, numChannels));
    model.processor = (await readImageProcessor(source)) ?? usual();
  },
  async files({ processor }) {
    const { config } = processor;
    const isTimms = config.size !== undefined && "cover" in config.size;
    const json = isTimms ? (await import("./timm-settings.ts")).timmForm(config) : processor.toConfig();
    return [["preprocessor_config.json", jsonText(json)]];
  },
};

/** `openPretrained`, and names of classes where timm's files have them elsewhere, or are about ImageNet's and have none. */
export async function openImageModel(source: FileSource, options: CheckpointOptions): Promise<PretrainedFiles> {
  const files = await openPretrained(source, options);
  const { config, checkpoint } = files;
  if (config["model_type"] !== undefined || typeof config["architecture"] !== "string" || (config["label_names"] ?? null) !== null)
    return files;
  const named = (names: Json): PretrainedFiles => ({ ...files, config: { ...config, label_names: names } });
  const nested = config["pretrained_cfg"];
  const elsewhere = (isJsonObject(nested) ? nested["label_names"] : config["labels"]) ?? null; // as timm's first files called it
  if (elsewhere !== null) return named(elsewhere);
  const head = checkpoint.entries.get("head.weight") ?? checkpoint.entries.get("head.fc.weight");
  if (head === undefined || config["num_classes"] !== head.shape[0]) return files;
  const { imageNetNames } = await import("./imagenet-names.ts");
  const names = await imageNetNames(head.shape[0] ?? 0);
  return names ? named([...names]) : files;
}

/** In `pretrained_cfg`, or in older files beside `architecture`. */
function timmSettings(config: JsonObject): JsonObject | undefined {
  const nested = config["pretrained_cfg"];
  if (isJsonObject(nested) && "mean" in nested) return nested;
  return "architecture" in config && "mean" in config ? config : undefined;
}

/** A linear layer called `head`, and DeiT's `headDist`. */
export const imageHead: Head<{ readonly numLabels: number; readonly id2label: Labels }> = {
  parameters: ["head*"],
  classes: (names) => ({ numLabels: names.length, id2label: numbered(names) }),
};
