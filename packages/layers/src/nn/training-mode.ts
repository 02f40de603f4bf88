import { isTrainingStep } from "../autograd/grad-mode.ts";
import { needsTape } from "../autograd/tape.ts";
import { ArgumentError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";

/**
 * Notices a layer that is trained in evaluation mode, where it does something else than in training.
 * @param does the layer, for the message: `a dropout of 0.1`
 * @throws ArgumentError when that happens in `train`
 */
export function refuseEvaluation(layer: Module, x: Tensor, does: string): void {
  if (layer.training || !isTrainingStep() || !needsTape([x])) return;
  throw new ArgumentError(
    "train",
    "what is trained must be in training mode (give train() the model; what isn't trained belongs in noGrad)",
    `${does} is in evaluation mode`,
  );
}
