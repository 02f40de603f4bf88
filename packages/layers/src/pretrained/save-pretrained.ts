import { type SaveLocation, type SaveOptions } from "../checkpoint/save-safetensors.ts";
import type { Module } from "../nn/module.ts";
import { type Family, jsonText, type PretrainedFiles } from "./family.ts";
import { saveModule } from "./module-weights.ts";

/**
 * Writes `config.json`, the weights, and the files of what comes with the model. The caller's `alongside` is written, too, instead of a file of the same name.
 * @throws CheckpointError when it can't be written
 */
export async function savePretrained<Config, Model extends Module & { readonly config: Config }, Files extends PretrainedFiles>(
  family: Family<Config, Model, Files>,
  model: Model,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<void> {
  const [layout] = family.layouts(model.config);
  const alongside = new Map([
    ["config.json", jsonText(family.hubConfig(model))] as const,
    ...(family.parts ?? []).flatMap((part) => [...part.files(model)]),
    ...(options.alongside ?? []),
  ]);
  await saveModule(family.weights?.(model) ?? model, layout, where, { ...options, alongside });
}
