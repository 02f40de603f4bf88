import { mean } from "../ops/reduce/reduce.ts";
import { multiply, subtract } from "../ops/elementwise/arithmetic.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** mean((prediction − target)²) over all elements; the shapes broadcast. A scalar (). */
export function meanSquaredError(prediction: Tensor, target: Tensor): Tensor {
  const difference = subtract(prediction, target);
  return mean(multiply(difference, difference));
}
