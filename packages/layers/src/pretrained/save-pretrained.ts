import type { FileContent, SaveLocation, SaveOptions } from "../checkpoint/save-safetensors.ts";
import type { Module } from "../nn/module.ts";
import { type Family, jsonText, type PretrainedFiles } from "./family.ts";
import { checkUnadapted, saveModule } from "./save-module.ts";

/**
 * Writes `config.json`, the weights, and the files of what comes with the model. The caller's `alongside` is written, too, instead of a file of the same name.
 * @throws CheckpointError when it can't be written
 * @throws TensorError when an adapter is at work on the model
 */
export async function savePretrained<Config, Model extends Module & { readonly config: Config }, Files extends PretrainedFiles>(
  family: Family<Config, Model, Files>,
  model: Model,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<void> {
  checkUnadapted(model);
  const [layout] = family.layouts(model.config);
  const alongside = new Map<string, FileContent>([["config.json", jsonText(await family.hubConfig(model), family.floats)]]);
  for (const part of family.parts ?? []) for (const [name, content] of await part.files(model)) alongside.set(name, content);
  for (const [name, content] of options.alongside ?? []) alongside.set(name, content);
  await saveModule(family.weights?.(model) ?? model, layout, where, { ...options, alongside });
}
