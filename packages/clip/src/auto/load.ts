import type { PretrainedOptions, SourceLocation } from "@x/layers";
import { type FileSource, loadAuto, type PretrainedModel } from "@x/layers/model";
import { imageTextFamilies, type ImageTextHeads } from "./families.ts";

/** A model that sees and reads. */
export type ImageTextModel = ImageTextHeads["Model"] & PretrainedModel<object>;

/**
 * A model of the class that its files name: `config.json`, `open_clip_config.json`, the entries of OpenAI's checkpoints, or an adapter's
 * `adapter_config.json`, whose base model is loaded and the adapter merged into it.
 * @throws CheckpointError when it is no such model, and says what is known; else as `fromPretrained` does
 */
export const load = (where: SourceLocation | FileSource, options: PretrainedOptions = {}): Promise<ImageTextModel> =>
  loadAuto(imageTextFamilies, "Model", where, options);
