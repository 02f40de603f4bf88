import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Module } from "./module.ts";

/** What changes a layer's outputs without touching its weights, such as LoRA. */
export interface LayerAdapter {
  /** x as the layer's product gets it, and what the layer, or the adapter before, made of it: y, which may be overwritten → of y's shape. */
  adapt(y: Tensor, x: Tensor | Tensor<"int32">, training: boolean): Tensor;
  /** What it draws from in training. */
  readonly rng?: Rng | undefined;
}

/** A layer that multiplies with one weight, and lets adapters at what comes out. */
export interface AdaptableLayer extends Module {
  readonly weight: Parameter;
  readonly bias?: Parameter | undefined;
  /** At work, in this order. */
  readonly adapters: Set<LayerAdapter>;
}

/** y as the layer's adapters have it. */
export function adapted(y: Tensor, x: Tensor | Tensor<"int32">, { adapters, training }: AdaptableLayer): Tensor {
  for (const adapter of adapters) y = adapter.adapt(y, x, training);
  return y;
}

export const isAdaptable = (module: Module): module is AdaptableLayer => "adapters" in module;
