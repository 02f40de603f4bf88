import { type FileContent, type SaveLocation, type SaveOptions, saveRules } from "../checkpoint/save-safetensors.ts";
import type { Module } from "../nn/module.ts";
import { checkOptions } from "../options.ts";
import { checkConfig, type Family, jsonText, type PretrainedFiles } from "./family.ts";
import { checkUnadapted, saveModule } from "./save-module.ts";

/** What no model of Hugging Face's library takes as a whole number. */
const floats = ["initializer_range", "initializer_factor", "init_std", "layer_norm_eps", "norm_eps", "mask_ratio", "layerscale_value"];

/**
 * Writes `config.json`, the weights, and the files of what comes with the model. The caller's `alongside` is written, too, instead of a file of the same name.
 * @throws CheckpointError when it can't be written, or the model has settings that its files couldn't be loaded with
 * @throws TensorError when an adapter is at work on the model
 */
export async function savePretrained<Config, Model extends Module & { readonly config: Config }, Files extends PretrainedFiles>(
  family: Family<Config, Model, Files>,
  model: Model,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<void> {
  checkOptions("savePretrained", options, saveRules);
  checkUnadapted(model);
  const layout = family.savedAs?.(model) ?? family.layouts(model.config)[0];
  const config = await family.hubConfig(model);
  if (config) await checkConfig(family, config, "savePretrained"); // what couldn't be loaded isn't saved
  const text = config && jsonText(config, [...floats, ...(family.floats ?? [])]);
  const alongside = new Map<string, FileContent>(text === undefined ? [] : [["config.json", text]]);
  for (const part of family.parts ?? []) for (const [name, content] of await part.files(model)) alongside.set(name, content);
  for (const [name, content] of options.alongside ?? []) alongside.set(name, content);
  await saveModule(family.weights?.(model) ?? model, layout, where, { ...options, alongside });
}
