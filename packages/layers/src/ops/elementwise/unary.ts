import { record } from "../../autograd/record.ts";
import { kernels } from "../../tensor/engine.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { divide, multiply, scaleAndShift } from "./arithmetic.ts";

/** eˣ */
export function exp(x: Tensor): Tensor {
  const y = mapped("exp", x);
  return record("exp", y, [x], (dy) => [() => multiply(dy, y)]);
}

/** The natural logarithm. */
export function log(x: Tensor): Tensor {
  return record("log", mapped("log", x), [x], (dy) => [() => divide(dy, x)]);
}

export function sqrt(x: Tensor): Tensor {
  const y = mapped("sqrt", x);
  return record("sqrt", y, [x], (dy) => [() => scaleAndShift(divide(dy, y), 0.5, 0)]);
}

export function square(x: Tensor): Tensor {
  return record("square", mapped("square", x), [x], (dy) => [() => scaleAndShift(multiply(dy, x), 2, 0)]);
}

function mapped(kernel: "exp" | "log" | "sqrt" | "square", x: Tensor): Tensor {
  const y = empty(x.shape);
  kernels()[kernel]({ x, y, size: x.size });
  return y;
}
