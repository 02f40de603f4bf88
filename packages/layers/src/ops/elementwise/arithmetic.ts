import { record } from "../../autograd/record.ts";
import { ShapeError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { broadcastShapes, sameShape, type Shape } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

type Binary = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum";

/** a + b, broadcast NumPy's way. */
export function add(a: Tensor, b: Tensor): Tensor {
  return record("add", combine("add", a, b), [a, b], (dy) => [dy, dy]);
}

/** a − b, broadcast NumPy's way. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  return record("subtract", combine("subtract", a, b), [a, b], (dy) => [dy, () => scaleAndShift(dy, -1, 0)]);
}

/** a · b element by element, broadcast NumPy's way. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return record("multiply", combine("multiply", a, b), [a, b], (dy) => [() => multiply(dy, b), () => multiply(dy, a)]);
}

/** a / b element by element, broadcast NumPy's way. */
export function divide(a: Tensor, b: Tensor): Tensor {
  const y = combine("divide", a, b);
  return record("divide", y, [a, b], (dy) => [() => divide(dy, b), () => scaleAndShift(divide(multiply(dy, y), b), -1, 0)]);
}

/** a · x + b for two numbers. */
export function scaleAndShift(x: Tensor, a: number, b: number): Tensor {
  const y = empty(x.shape);
  kernels().scaleAndShift({ x, y, scale: a, shift: b, size: x.size });
  return record("scaleAndShift", y, [x], (dy) => [() => scaleAndShift(dy, a, 0)]);
}

function combine(op: Binary, a: Tensor, b: Tensor): Tensor {
  if (sameShape(a.shape, b.shape)) {
    const y = empty(a.shape);
    kernels()[op]({ a, b, y, size: y.size });
    return y;
  }
  const shape = broadcastShapes(op, a.shape, b.shape);
  const axes = mergeAxes(shape, strides(a.shape, shape), strides(b.shape, shape));
  const inner = axes.pop() ?? { length: 1, a: 0, b: 0 };
  if (axes.length > 4)
    throw new ShapeError(op, "at most five axes may be left once neighbours that broadcast alike are one", { a: a.shape, b: b.shape });
  const y = empty(shape);
  while (axes.length < 4) axes.unshift({ length: 1, a: 0, b: 0 });
  const [n0, n1, n2, n3] = axes as [Axis, Axis, Axis, Axis];
  const lengths = { n0: n0.length, n1: n1.length, n2: n2.length, n3: n3.length, inner: inner.length };
  const ofA = { a0: n0.a, a1: n1.a, a2: n2.a, a3: n3.a, aInner: inner.a };
  const ofB = { b0: n0.b, b1: n1.b, b2: n2.b, b3: n3.b, bInner: inner.b };
  kernels()[`${op}Broadcast`]({ a, b, y, ...lengths, ...ofA, ...ofB });
  return y;
}

/** An axis of the output with each operand's stride in elements: 0 repeats. */
interface Axis {
  readonly length: number;
  readonly a: number;
  readonly b: number;
}

function strides(shape: Shape, target: Shape): number[] {
  const padded = [...new Array<number>(target.length - shape.length).fill(1), ...shape];
  return padded.map((length, axis) => (length === 1 ? 0 : padded.slice(axis + 1).reduce((product, inner) => product * inner, 1)));
}

/** Neighbouring axes that both operands step through alike become one, so that the inner rows are as long as they can be. */
function mergeAxes(shape: Shape, a: readonly number[], b: readonly number[]): Axis[] {
  const merged: Axis[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const outer = merged.at(-1);
    const here = { length, a: a[axis] ?? 0, b: b[axis] ?? 0 };
    if (outer && outer.a === here.a * length && outer.b === here.b * length) {
      merged[merged.length - 1] = { ...here, length: outer.length * length };
    } else merged.push(here);
  }
  return merged;
}
