import { record } from "../../autograd/record.ts";
import { engine } from "../../tensor/engine.ts";
import { lastOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** exp(x − max) / Σ exp(x − max) over the last axis. A row of −∞ alone gives zeros. */
export function softmax(x: Tensor): Tensor {
  const length = lastOf(x.shape);
  const rows = length === 0 ? 0 : x.size / length;
  const y = empty(x.shape);
  engine().launch("softmax", rows, 8 * length, x.pointer, y.pointer, length);
  return record("softmax", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      engine().launch("softmaxBackward", rows, 2 * length, y.pointer, dy.pointer, dx.pointer, length);
      return dx;
    },
  ]);
}

/** log softmax(x) over the last axis. */
export function logSoftmax(x: Tensor): Tensor {
  const length = lastOf(x.shape);
  const rows = length === 0 ? 0 : x.size / length;
  const y = empty(x.shape);
  engine().launch("logSoftmax", rows, 8 * length, x.pointer, y.pointer, length);
  return record("logSoftmax", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      engine().launch("logSoftmaxBackward", rows, 8 * length, y.pointer, dy.pointer, dx.pointer, length);
      return dx;
    },
  ]);
}
