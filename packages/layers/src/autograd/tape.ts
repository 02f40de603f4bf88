import type { Node, Tensor } from "../tensor/tensor.ts";
import { isRecording } from "./grad-mode.ts";

/** Whether an op on these inputs goes on the tape: then its backward will want the unfused intermediates. */
export const needsTape = (inputs: readonly (Tensor | number)[]): boolean =>
  isRecording() && inputs.some((input) => typeof input !== "number" && input.requiresGrad);

/**
 * Puts an op on the tape, if anybody needs its gradient. Returns `y`.
 *
 * @param inputs its operands; a number among them has no gradient, and what `backward` gives for it is left aside
 * @param backward gets dy, of y's shape; gives the inputs' gradients in order, each as a tensor, as a function that makes it if it is needed, or
 *   undefined where there is none. It may leave broadcasting as it is: a gradient of the output's broadcast shape is summed down by the engine.
 */
export function record(op: string, y: Tensor, inputs: readonly (Tensor | number)[], backward: Node["backward"]): Tensor {
  if (needsTape(inputs)) {
    const tensors = inputs.filter((input) => typeof input !== "number");
    const ofTensors: Node["backward"] = (dy) => backward(dy).filter((_, index) => typeof inputs[index] !== "number");
    y.requiresGrad = true;
    y.node = { op, inputs: tensors, backward: tensors.length === inputs.length ? backward : ofTensors };
  }
  return y;
}
