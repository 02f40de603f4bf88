import { noGrad } from "../../autograd/grad-mode.ts";
import { record } from "../../autograd/tape.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats, checkTensorsOrNumbers, type TensorOrNumber } from "../../tensor/operands.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { spread } from "../shape/broadcast.ts";
import { combine } from "./binary.ts";

// Comparisons broadcast NumPy's way, and one of both operands may be a number. They give 1 where they hold and 0 where they don't, in float32; no
// gradient goes through them. All throw ShapeError when the operands don't broadcast.

/** 1 where a > b, else 0. */
export const greater = (a: TensorOrNumber, b: TensorOrNumber): Tensor => combine("greater", a, b);
/** 1 where a ≥ b, else 0. */
export const greaterEqual = (a: TensorOrNumber, b: TensorOrNumber): Tensor => combine("greaterEqual", a, b);
/** 1 where a < b, else 0. */
export const less = (a: TensorOrNumber, b: TensorOrNumber): Tensor => combine("less", a, b);
/** 1 where a ≤ b, else 0. */
export const lessEqual = (a: TensorOrNumber, b: TensorOrNumber): Tensor => combine("lessEqual", a, b);
/** 1 where a = b, else 0: element by element, PyTorch's `eq`. NaN equals nothing. */
export const equal = (a: TensorOrNumber, b: TensorOrNumber): Tensor => combine("equal", a, b);

/** 1 where a ≠ b, else 0. NaN differs from everything, itself too. */
export function notEqual(a: TensorOrNumber, b: TensorOrNumber): Tensor {
  const y = combine("notEqual", a, b);
  kernels().scaleAndShift({ x: y, y, scale: -1, shift: 1, size: y.size });
  return y;
}

/**
 * a where the condition isn't 0, else b: element by element, all three broadcast NumPy's way; a and b may be numbers. The gradient goes to the one
 * that was taken; what was not taken may be infinite or NaN. @throws ShapeError when they don't broadcast
 */
export function where(condition: Tensor, a: TensorOrNumber, b: TensorOrNumber): Tensor {
  checkFloats("where", { condition });
  checkTensorsOrNumbers("where", { a, b });
  let shape = condition.shape;
  for (const operand of [a, b]) if (typeof operand !== "number") shape = broadcastShapes("where", shape, operand.shape);
  const y = noGrad(() => {
    const taken = empty(shape);
    kernels().where({ condition: spread(condition, shape), a: spread(a, shape), b: spread(b, shape), y: taken, size: taken.size });
    return taken;
  });
  return record("where", y, [a, b], (dy) => [() => where(condition, dy, 0), () => where(condition, 0, dy)]);
}
