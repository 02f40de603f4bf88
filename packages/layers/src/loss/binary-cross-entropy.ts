import { record } from "../autograd/tape.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { multiply, scaleAndShift } from "../ops/elementwise/arithmetic.ts";
import { mean } from "../ops/reduce/reduce.ts";
import { kernels } from "../tensor/engine.ts";
import { checkFloats } from "../tensor/operands.ts";
import { sameShape } from "../tensor/shape.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

/**
 * Mean over all elements of −(t · log σ(x) + (1 − t) · log(1 − σ(x))), from logits x, in a form that can't overflow: yes or no for each label by
 * itself. logits and targets of one shape → (). PyTorch's `binary_cross_entropy_with_logits`.
 * @param targets 0 to 1
 * @throws ShapeError when the shapes differ; ArgumentError when a target is outside 0 to 1
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  checkFloats("binaryCrossEntropy", { logits, targets });
  if (!sameShape(logits.shape, targets.shape)) {
    throw new ShapeError("binaryCrossEntropy", "logits and targets must have one shape", { logits: logits.shape, targets: targets.shape });
  }
  const wrong = targets.data.findIndex((target) => !(target >= 0 && target <= 1));
  if (wrong >= 0) throw new ArgumentError("binaryCrossEntropy", "targets must be from 0 to 1", `target ${wrong} is ${targets.data[wrong]}`);

  const losses = empty(logits.shape);
  const call = { x: logits, targets, size: logits.size };
  kernels().binaryCrossEntropy({ ...call, y: losses });
  record("binaryCrossEntropy", losses, [logits, targets], (dy) => [
    () => {
      const dx = empty(logits.shape);
      kernels().binaryCrossEntropyBackward({ ...call, dy, dx });
      return dx;
    },
    () => scaleAndShift(multiply(dy, logits), -1, 0),
  ]);
  return mean(losses);
}
