import type { SaveLocation, SaveOptions } from "../checkpoint/save-safetensors.ts";
import { saveWeights } from "../checkpoint/save-weights.ts";
import type { WeightLayout } from "../checkpoint/weight-table.ts";
import { TensorError } from "../errors.ts";
import type { TensorSource } from "../formats/safetensors-writer.ts";
import { isAdaptable } from "../nn/layer-adapter.ts";
import type { Module } from "../nn/module.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Writes a module's parameters as a checkpoint of that layout. Throws as `saveWeights` does.
 * @throws TensorError when an adapter is at work on it
 */
export async function saveModule(
  module: Module,
  layout: WeightLayout,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<readonly string[]> {
  checkUnadapted(module);
  return saveWeights(sourcesOf(module), layout, where, options);
}

/** @throws TensorError when an adapter is at work: the weights alone would be another model */
export function checkUnadapted(module: Module): void {
  for (const [path, layer] of module.namedModules()) {
    if (!isAdaptable(layer) || layer.adapters.size === 0) continue;
    const problem = `an adapter is at work on ${path}, which isn't among the weights`;
    throw new TensorError(
      `savePretrained: ${problem}: merge() it into them, save it by itself, or disable() it to save the model without it`,
    );
  }
}

/** A module's parameters and buffers as what is written: copies, one at a time, so that reading a weight leaves it packed. */
function sourcesOf(module: Module): ReadonlyMap<string, TensorSource> {
  let held: { readonly tensor: Tensor; readonly values: Float32Array } | undefined;
  const copyOf = (tensor: Tensor): Float32Array =>
    (held = held?.tensor === tensor ? held : { tensor, values: tensor.toTypedArray() }).values;
  return new Map(
    [...module.stateDict()].map(([path, tensor]) => [path, { shape: tensor.shape, dtype: tensor.dtype, view: () => copyOf(tensor) }]),
  );
}
