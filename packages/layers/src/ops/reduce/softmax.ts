import { record } from "../../autograd/tape.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { lastOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** exp(x − max) / Σ exp(x − max) over the last axis. A row of −∞ alone gives zeros. */
export const softmax = (x: Tensor): Tensor => overRows("softmax", x);

/** log softmax(x) over the last axis. */
export const logSoftmax = (x: Tensor): Tensor => overRows("logSoftmax", x);

/** Either, whose gradients are both made from y. */
function overRows(op: "softmax" | "logSoftmax", x: Tensor): Tensor {
  checkFloats(op, { x });
  const length = lastOf(x.shape);
  const rows = length === 0 ? 0 : x.size / length;
  const y = empty(x.shape);
  kernels()[op]({ x, y, rows, columns: length });
  return record(op, y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels()[`${op}Backward`]({ y, dy, dx, rows, columns: length });
      return dx;
    },
  ]);
}
