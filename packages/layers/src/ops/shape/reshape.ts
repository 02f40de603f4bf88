import { record } from "../../autograd/record.ts";
import { ShapeError } from "../../errors.ts";
import { type Shape, sizeOf } from "../../tensor/shape.ts";
import type { DType, Tensor } from "../../tensor/tensor.ts";

/**
 * The same elements under another shape, without a copy. One length may be −1: whatever is left.
 * @throws ShapeError when the number of elements differs
 */
export function reshape(x: Tensor, shape: Shape): Tensor;
export function reshape<T extends DType>(x: Tensor<T>, shape: Shape): Tensor<T>;
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const resolved = shape.map((length) => (length === -1 ? x.size / known : length));
  if (sizeOf(resolved) !== x.size || !resolved.every(Number.isInteger)) {
    throw new ShapeError("reshape", "the number of elements must stay the same", { x: x.shape, shape });
  }
  return record("reshape", x.view(resolved), [x], (dy) => [dy.view(x.shape)]);
}
