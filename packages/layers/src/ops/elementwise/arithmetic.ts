import { record } from "../../autograd/tape.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats, type TensorOrNumber } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { spread } from "../shape/broadcast.ts";
import { combine } from "./binary.ts";

/** a + b, broadcast NumPy's way; one of both may be a number. @throws ShapeError when they don't broadcast */
export function add(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  return record("add", combine("add", a, b), [a, b], (dy) => [dy, dy]);
}

/** a − b, broadcast NumPy's way; one of both may be a number. @throws ShapeError when they don't broadcast */
export function subtract(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  return record("subtract", combine("subtract", a, b), [a, b], (dy) => [dy, () => scaleAndShift(dy, -1, 0)]);
}

/** a · b element by element, broadcast NumPy's way; one of both may be a number. @throws ShapeError when they don't broadcast */
export function multiply(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  return record("multiply", combine("multiply", a, b), [a, b], (dy) => [() => multiply(dy, b), () => multiply(dy, a)]);
}

/** a / b element by element, broadcast NumPy's way; one of both may be a number. @throws ShapeError when they don't broadcast */
export function divide(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  const y = combine("divide", a, b);
  return record("divide", y, [a, b], (dy) => [() => divide(dy, b), () => scaleAndShift(divide(multiply(dy, y), b), -1, 0)]);
}

/**
 * The greater of a and b, element by element, broadcast NumPy's way; one of both may be a number. NaN if one of them is. Where they are equal, each
 * gets half of the gradient. @throws ShapeError when they don't broadcast
 */
export function maximum(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  return record("maximum", combine("maximum", a, b), [a, b], (dy) => gradientsOfGreater(a, b, dy));
}

/** The lesser of a and b; all else as in `maximum`. @throws ShapeError when they don't broadcast */
export function minimum(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  return record("minimum", combine("minimum", a, b), [a, b], (dy) => gradientsOfGreater(b, a, dy)); // a is the lesser where b is the greater
}

/** dy where `a` is the greater, and dy where `b` is. */
function gradientsOfGreater(a: TensorOrNumber, b: TensorOrNumber, dy: Tensor): readonly [da: Tensor, db: Tensor] {
  const [da, db] = [empty(dy.shape), empty(dy.shape)];
  kernels().maximumBackward({ a: spread(a, dy.shape), b: spread(b, dy.shape), dy, da, db, size: dy.size });
  return [da, db];
}

/** a · x + b for two numbers. */
export function scaleAndShift(x: Tensor, a: number, b: number): Tensor {
  checkFloats("scaleAndShift", { x });
  const y = empty(x.shape);
  kernels().scaleAndShift({ x, y, scale: a, shift: b, size: x.size });
  return record("scaleAndShift", y, [x], (dy) => [() => scaleAndShift(dy, a, 0)]);
}
