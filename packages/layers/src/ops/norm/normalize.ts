import { checkFloats } from "../../tensor/operands.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { divide } from "../elementwise/arithmetic.ts";
import { sqrt, square } from "../elementwise/unary.ts";
import { sum } from "../reduce/reduce.ts";

/** x / ‖x‖ along the last axis: rows of L2 length 1. x (…, D) → (…, D). A row of zeros has no direction: it becomes NaN. */
export function normalize(x: Tensor): Tensor {
  checkFloats("normalize", { x });
  return divide(x, sqrt(sum(square(x), -1, { keepAxes: true })));
}
