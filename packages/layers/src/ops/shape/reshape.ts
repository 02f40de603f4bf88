import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { checkTensors } from "../../tensor/operands.ts";
import { resolveAxis, type Shape, sizeOf } from "../../tensor/shape.ts";
import type { DType, Tensor } from "../../tensor/tensor.ts";

/**
 * The same elements under another shape, without a copy. One length may be −1: whatever is left.
 * @throws ShapeError when the number of elements differs
 */
export function reshape<T extends DType>(x: Tensor<T>, shape: Shape): Tensor<T>;
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensors("reshape", { x });
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const resolved = shape.map((length) => (length === -1 ? x.size / known : length));
  if (sizeOf(resolved) !== x.size || !resolved.every(Number.isInteger)) {
    throw new ShapeError("reshape", "the number of elements must stay the same", { x: x.shape, shape });
  }
  return record("reshape", x.view(resolved), [x], (dy) => [dy.view(x.shape)]);
}

/** The axes from `first` on as one, not copied: `flatten(x, 1)` of (B, C, H, W) is (B, C·H·W). @throws TensorError when there is no such axis */
export function flatten<T extends DType>(x: Tensor<T>, first = 0): Tensor<T> {
  checkTensors("flatten", { x });
  const along = x.shape.length === 0 ? 0 : resolveAxis("flatten", first, x.shape);
  return reshape(x, [...x.shape.slice(0, along), sizeOf(x.shape.slice(along))]);
}

/** x without an axis of length 1, not copied. @throws ShapeError when the axis has another length */
export function squeeze<T extends DType>(x: Tensor<T>, axis: number): Tensor<T> {
  checkTensors("squeeze", { x });
  const along = resolveAxis("squeeze", axis, x.shape);
  if (x.shape[along] !== 1) throw new ShapeError("squeeze", `axis ${along} must have length 1`, { x: x.shape });
  return reshape(x, x.shape.toSpliced(along, 1));
}

/** x with a new axis of length 1, not copied: `unsqueeze(x, -1)` of (B, N) is (B, N, 1). @throws TensorError when the result would lack that axis */
export function unsqueeze<T extends DType>(x: Tensor<T>, axis: number): Tensor<T> {
  checkTensors("unsqueeze", { x });
  return reshape(x, x.shape.toSpliced(resolveAxis("unsqueeze", axis, [...x.shape, 1]), 0, 1));
}
