import type { Node, Tensor } from "../tensor/tensor.ts";
import { isRecording } from "./grad-mode.ts";

/** Whether an op on these inputs goes on the tape: then its backward will want the unfused intermediates. */
export const needsTape = (inputs: readonly Tensor[]): boolean => isRecording() && inputs.some((input) => input.requiresGrad);

/**
 * Puts an op on the tape, if anybody needs its gradient. Returns `y`.
 *
 * @param backward gets dy, of y's shape; gives the inputs' gradients in order, each as a tensor, as a function that makes it if it is needed, or
 *   undefined where there is none. It may leave broadcasting as it is: a gradient of the output's broadcast shape is summed down by the engine.
 */
export function record(op: string, y: Tensor, inputs: readonly Tensor[], backward: Node["backward"]): Tensor {
  if (needsTape(inputs)) {
    y.requiresGrad = true;
    y.node = { op, inputs, backward };
  }
  return y;
}
