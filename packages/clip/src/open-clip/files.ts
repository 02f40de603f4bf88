/** A model as open_clip has it: `open_clip_config.json` beside the weights. Ilharco et al. 2021, https://github.com/mlfoundations/open_clip */
import { type CheckpointOptions, CheckpointError, openCheckpoint } from "@x/layers";
import {
  checkKeys,
  type FamilyPart,
  type FileSource,
  type JsonObject,
  jsonText,
  type KeyTable,
  type PretrainedFiles,
  readJson,
  withoutHolder,
} from "@x/layers/model";

/** What a model of images and texts is read from. OpenAI's files stand alone, so every JSON file may be absent. */
export interface ImageTextFiles extends PretrainedFiles {
  /** open_clip's settings. */
  readonly openClip: JsonObject | undefined;
}

/** What open_clip calls its weights, in its order. */
const openClipWeights = ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"];

/** @param keys what `open_clip_config.json` may say @throws CheckpointError when it says something else, or there is no checkpoint */
export async function openImageText(source: FileSource, options: CheckpointOptions, keys: KeyTable): Promise<ImageTextFiles> {
  const found = await readJson(source, "open_clip_config.json");
  const json = (await readJson(source, "config.json")) ?? {};
  // timm's repositories have the image encoder alone beside the whole, and a config of its own.
  const openClip = json["model_type"] === undefined ? found : undefined;
  const file = options.file ?? (openClip ? await firstOf(source, openClipWeights) : undefined);
  const checkpoint = withoutHolder(await openCheckpoint(source, { ...options, file }));
  const notes = checkKeys(openClip ?? {}, keys, (message) => new CheckpointError(message, { file: source.label }));
  return { source, checkpoint, config: openClip ? {} : json, openClip, notes };
}

async function firstOf(source: FileSource, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (source.file === undefined && (await source.has(name))) return name;
  return undefined;
}

/** What open_clip reads, of a model that Hugging Face's library couldn't. */
export const openClipPart = <Model>(isOpenClips: (model: Model) => boolean, configOf: (model: Model) => JsonObject): FamilyPart<Model> => ({
  properties: [],
  read: async () => {},
  files: (model) => (isOpenClips(model) ? [["open_clip_config.json", jsonText(configOf(model))]] : []),
});
