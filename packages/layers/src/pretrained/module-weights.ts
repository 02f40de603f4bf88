/** Between a module and a checkpoint: its parameters and buffers as what is read into, and written from. */
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type LoadOptions, type LoadReport, loadWeights } from "../checkpoint/load-weights.ts";
import type { Destination } from "../checkpoint/transfer.ts";
import type { WeightLayout } from "../checkpoint/weight-table.ts";
import type { Module } from "../nn/module.ts";
import { linearWeights, quantize } from "../nn/quantize.ts";
import { toInt8 } from "../ops/matmul/packed-weight.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface ModuleOptions extends LoadOptions {
  /** `int8` keeps the weights of linear layers as int8, for inference only: see `quantize`. Default float32, whatever the file has. */
  readonly dtype?: "float32" | "int8" | undefined;
}

/** Fills a module from a checkpoint. It is disposed of if that fails. Throws as `loadWeights` does. */
export async function loadModule(
  module: Module,
  checkpoint: Checkpoint,
  layouts: readonly WeightLayout[],
  options: ModuleOptions = {},
): Promise<LoadReport> {
  const linear = new Set<Tensor>(options.dtype === "int8" ? linearWeights(module) : []);
  const destinations = new Map<string, Destination>();
  for (const [path, tensor] of module.stateDict()) {
    const onFilled = tensor instanceof Parameter && linear.has(tensor) ? () => toInt8(tensor) : undefined;
    destinations.set(path, { shape: tensor.shape, view: () => tensor.data, onFilled });
  }
  try {
    const report = await loadWeights(destinations, checkpoint, layouts, options);
    if (options.dtype === "int8") quantize(module);
    return report;
  } catch (error) {
    module.dispose();
    throw error;
  }
}

/** A module's parameters and buffers as what can be read into and written from. */
export function weightsOf(module: Module): ReadonlyMap<string, { readonly shape: readonly number[]; view(): Float32Array }> {
  return new Map([...module.stateDict()].map(([path, tensor]) => [path, { shape: tensor.shape, view: () => tensor.data }]));
}
