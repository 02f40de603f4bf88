import type { Tensor } from "../../tensor/tensor.ts";
import { divide } from "../elementwise/arithmetic.ts";
import { sum } from "../reduce/reduce.ts";
import { reshape } from "../shape/reshape.ts";
import { sqrt, square } from "../elementwise/unary.ts";

/** x / ‖x‖ along the last axis: rows of L2 length 1. x (…, D) → (…, D). A row of zeros has no direction: it becomes NaN. */
export function normalize(x: Tensor): Tensor {
  const length = sqrt(sum(square(x), -1)); // (…)
  return divide(x, reshape(length, [...length.shape, 1]));
}
