import { record } from "../../autograd/record.ts";
import { ShapeError } from "../../errors.ts";
import { engine } from "../../tensor/engine.ts";
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
  engine().launch("scaleAndShift", x.size, 2, x.pointer, y.pointer, a, b);
  return record("scaleAndShift", y, [x], (dy) => [() => scaleAndShift(dy, a, 0)]);
}

function combine(op: Binary, a: Tensor, b: Tensor): Tensor {
  if (sameShape(a.shape, b.shape)) {
    const y = empty(a.shape);
    engine().launch(op, y.size, 2, a.pointer, b.pointer, y.pointer);
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
  // prettier-ignore
  engine().launch(`${op}Broadcast`, inner.length === 0 ? 0 : y.size / inner.length, 2 * inner.length, a.pointer, b.pointer, y.pointer,
    n1.length, n2.length, n3.length, inner.length, n0.a, n1.a, n2.a, n3.a, inner.a, n0.b, n1.b, n2.b, n3.b, inner.b);
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
