import { record } from "../../autograd/tape.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { lastOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** exp(x − max) / Σ exp(x − max) over the last axis. A row of −∞ alone gives zeros. */
export function softmax(x: Tensor): Tensor {
  checkFloats("softmax", { x });
  const length = lastOf(x.shape);
  const rows = length === 0 ? 0 : x.size / length;
  const y = empty(x.shape);
  kernels().softmax({ x, y, rows, columns: length });
  return record("softmax", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels().softmaxBackward({ y, dy, dx, rows, columns: length });
      return dx;
    },
  ]);
}

/** log softmax(x) over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  checkFloats("logSoftmax", { x });
  const length = lastOf(x.shape);
  const rows = length === 0 ? 0 : x.size / length;
  const y = empty(x.shape);
  kernels().logSoftmax({ x, y, rows, columns: length });
  return record("logSoftmax", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels().logSoftmaxBackward({ y, dy, dx, rows, columns: length });
      return dx;
    },
  ]);
}
