import { isTrainingStep } from "../autograd/grad-mode.ts";
import { needsTape } from "../autograd/record.ts";
import { TensorError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";

/**
 * Notices a layer that is trained in evaluation mode, where it does something else than in training.
 * @param does the layer, for the message: `a dropout of 0.1`
 * @throws TensorError when that happens in `train`
 */
export function refuseEvaluation(layer: Module, x: Tensor, does: string): void {
  if (layer.training || !isTrainingStep() || !needsTape([x])) return;
  throw new TensorError(
    `train: what is trained goes through ${does} in evaluation mode; give train() the \`model\`, or call model.train() first ` +
      `(what isn't trained belongs in noGrad or setRequiresGrad(false))`,
    { where: "train", expected: "training mode", found: `${does} in evaluation mode` },
  );
}
