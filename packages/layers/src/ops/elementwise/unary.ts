import { record } from "../../autograd/tape.ts";
import { ArgumentError, shown } from "../../errors.ts";
import { zeros } from "../../tensor/create.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
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

/** −x */
export function negate(x: Tensor): Tensor {
  return record("negate", mapped("negate", x), [x], (dy) => [() => negate(dy)]);
}

/** |x|. At 0 there is no gradient. */
export function abs(x: Tensor): Tensor {
  return record("abs", mapped("abs", x), [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels().absBackward({ x, dy, dx, size: x.size });
      return dx;
    },
  ]);
}

/**
 * x, but at least `low` and at most `high`; `high` where low > high. NaN stays. The gradient goes through between the bounds, not on them.
 * @param low default −∞
 * @param high default ∞
 * @throws ArgumentError when a bound isn't a number
 */
export function clamp(x: Tensor, low: number = -Infinity, high: number = Infinity): Tensor {
  checkFloats("clamp", { x });
  checkNumber("clamp", "low", low);
  checkNumber("clamp", "high", high);
  const y = empty(x.shape);
  kernels().clamp({ x, y, low, high, size: x.size });
  return record("clamp", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels().clampBackward({ x, dy, dx, low, high, size: x.size });
      return dx;
    },
  ]);
}

/** x to the power of a number: NaN where x is negative and the exponent no whole number. @throws ArgumentError when the exponent isn't a number */
export function pow(x: Tensor, exponent: number): Tensor {
  checkFloats("pow", { x });
  checkNumber("pow", "exponent", exponent);
  const y = empty(x.shape);
  if (exponent === 2) kernels().square({ x, y, size: x.size });
  else kernels().pow({ x, y, exponent, size: x.size });
  return record("pow", y, [x], (dy) => [
    () => (exponent === 0 ? zeros(x.shape) : multiply(dy, multiply(pow(x, exponent - 1), exponent))), // of x⁰ it is 0 at 0, too
  ]);
}

function checkNumber(op: string, name: string, value: unknown): void {
  if (typeof value !== "number" || Number.isNaN(value)) throw new ArgumentError(op, `${name} must be a number`, `is ${shown(value)}`);
}

function mapped(op: "exp" | "log" | "sqrt" | "square" | "negate" | "abs", x: Tensor): Tensor {
  checkFloats(op, { x });
  const y = empty(x.shape);
  kernels()[op]({ x, y, size: x.size });
  return y;
}
