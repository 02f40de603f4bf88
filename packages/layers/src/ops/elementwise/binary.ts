/** y = a ∘ b, broadcast NumPy's way, where one of both may be a number: what arithmetic.ts and comparison.ts share. */
import { ArgumentError, ShapeError } from "../../errors.ts";
import { full } from "../../tensor/create.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkTensorsOrNumbers, type TensorOrNumber } from "../../tensor/operands.ts";
import { broadcastShapes, sameShape, type Shape } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

type Kernel = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum" | "greater" | "greaterEqual" | "equal";
type Op = Kernel | "less" | "lessEqual" | "notEqual";

/** y, not on the tape. @throws ArgumentError when neither is a tensor, or one isn't of float32; ShapeError when they don't broadcast */
export function combine(op: Op, a: TensorOrNumber, b: TensorOrNumber): Tensor {
  checkTensorsOrNumbers(op, { a, b });
  if (typeof a === "number" && typeof b === "number")
    throw new ArgumentError(op, "a or b must be a tensor", `they are the numbers ${a} and ${b}`);
  const line = asLine(op, a, b);
  if (line) {
    const y = empty(line.x.shape);
    kernels().scaleAndShift({ ...line, y, size: y.size });
    return y;
  }
  if (typeof a === "number") {
    using one = full([], a);
    return combine(op, one, b);
  }
  if (typeof b === "number") {
    using one = full([], b);
    return combine(op, a, one);
  }
  const [kernel, left, right] = kernelOf(op, a, b);
  if (sameShape(a.shape, b.shape)) {
    const y = empty(a.shape);
    kernels()[kernel]({ a: left, b: right, y, size: y.size });
    return y;
  }
  const shape = broadcastShapes(op, a.shape, b.shape);
  const axes = mergeAxes(shape, strides(left.shape, shape), strides(right.shape, shape));
  const inner = axes.pop() ?? { length: 1, a: 0, b: 0 };
  if (axes.length > 4)
    throw new ShapeError(op, "at most five axes may be left once neighbours that broadcast alike are one", { a: a.shape, b: b.shape });
  const y = empty(shape);
  while (axes.length < 4) axes.unshift({ length: 1, a: 0, b: 0 });
  const [n0, n1, n2, n3] = axes as [Axis, Axis, Axis, Axis];
  const lengths = { n0: n0.length, n1: n1.length, n2: n2.length, n3: n3.length, inner: inner.length };
  const ofA = { a0: n0.a, a1: n1.a, a2: n2.a, a3: n3.a, aInner: inner.a };
  const ofB = { b0: n0.b, b1: n1.b, b2: n2.b, b3: n3.b, bInner: inner.b };
  kernels()[`${kernel}Broadcast`]({ a: left, b: right, y, ...lengths, ...ofA, ...ofB });
  return y;
}

/** The linear function that the op is of a tensor, given the number on the other side, where that has the op's own bits. */
function asLine(op: Op, a: TensorOrNumber, b: TensorOrNumber): { x: Tensor; scale: number; shift: number } | undefined {
  if (typeof a !== "number" && typeof b === "number") {
    if (op === "add") return { x: a, scale: 1, shift: b };
    if (op === "subtract") return { x: a, scale: 1, shift: -b };
    if (op === "multiply") return { x: a, scale: b, shift: -0 }; // −0 + −0 is −0, but −0 + 0 is 0
  }
  if (typeof a === "number" && typeof b !== "number") {
    if (op === "add") return { x: b, scale: 1, shift: a };
    if (op === "subtract") return { x: b, scale: -1, shift: a };
    if (op === "multiply") return { x: b, scale: a, shift: -0 };
  }
  return undefined;
}

/** Some ops are another's kernel with the operands exchanged, or its opposite. */
function kernelOf(op: Op, a: Tensor, b: Tensor): readonly [kernel: Kernel, a: Tensor, b: Tensor] {
  if (op === "less") return ["greater", b, a];
  if (op === "lessEqual") return ["greaterEqual", b, a];
  return [op === "notEqual" ? "equal" : op, a, b];
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
