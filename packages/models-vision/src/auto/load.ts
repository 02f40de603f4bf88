import type { PretrainedOptions, SourceLocation } from "@x/layers";
import { type FileSource, loadAuto, type PretrainedModel } from "@x/layers/model";
import { imageFamilies, type ImageHeads } from "./families.ts";

/** Tasks as Hugging Face's library calls them, each with the head that it needs. */
export const headOf = {
  "image-classification": "ForImageClassification",
  "image-feature-extraction": "Model",
} as const;

export type ImageTask = keyof typeof headOf;

/** A model that can do a task. */
export type ImageModelFor<Task extends ImageTask> = ImageHeads[(typeof headOf)[Task]] & PretrainedModel<object>;

/**
 * A model of the class that its files name: `config.json` (`model_type` and `architectures`), the entries of timm's, facebookresearch's and Microsoft's
 * checkpoints, or an adapter's `adapter_config.json`, whose base model is loaded and the adapter merged into it. Only that class' code is imported.
 * @param options.task whose class is wanted, whatever head the files name
 * @throws CheckpointError when it is no such model, and says what is known; else as `fromPretrained` does
 */
export function load<Task extends ImageTask>(
  where: SourceLocation | FileSource,
  options: PretrainedOptions & { readonly task: Task },
): Promise<ImageModelFor<Task>>;
export function load(where: SourceLocation | FileSource, options?: PretrainedOptions): Promise<PretrainedModel<object>>;
export async function load(
  where: SourceLocation | FileSource,
  { task, ...options }: PretrainedOptions & { readonly task?: ImageTask | undefined } = {},
): Promise<PretrainedModel<object>> {
  return loadAuto(imageFamilies, task && headOf[task], where, options);
}
