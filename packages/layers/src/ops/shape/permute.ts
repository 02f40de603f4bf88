import { record } from "../../autograd/tape.ts";
import { TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkTensors } from "../../tensor/operands.ts";
import type { Shape } from "../../tensor/shape.ts";
import { type DType, empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * x with its axes in another order, copied: `permute(x, [0, 2, 1])` takes (B, N, D) to (B, D, N).
 * @throws TensorError when `axes` isn't an order of all the axes, or there are more than six
 */
export function permute<T extends DType>(x: Tensor<T>, axes: readonly number[]): Tensor<T>;
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  checkTensors("permute", { x });
  const rank = x.shape.length;
  if (axes.length !== rank || new Set(axes).size !== rank || !axes.every((axis) => axis in x.shape) || rank > 6) {
    throw new TensorError(`permute: axes must order the ${rank} axes 0…${rank - 1} (six at most), but are [${axes.join(", ")}]`);
  }
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  return record("permute", permuted(x, axes), [x], (dy) => [() => permuted(dy, inverse)]);
}

/** x with two axes exchanged; default the last two. */
export function transpose<T extends DType>(x: Tensor<T>, first = -2, second = -1): Tensor<T> {
  checkTensors("transpose", { x });
  const rank = x.shape.length;
  const axes = x.shape.map((_, axis) => axis);
  const a = first < 0 ? first + rank : first;
  const b = second < 0 ? second + rank : second;
  axes[a] = b;
  axes[b] = a;
  return permute(x, axes);
}

function permuted(x: Tensor, axes: readonly number[]): Tensor {
  const strides = x.shape.map((_, axis) => x.shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const walked = axes.map((axis) => strides[axis] ?? 0);
  const y = empty(
    axes.map((axis) => x.shape[axis] ?? 1),
    x.dtype,
  );
  kernels().permute({ x, y, ...sixAxes(y.shape, walked) });
  return y;
}

/** The lengths of a result and the strides that x is walked through with, as the kernel takes them: six axes, those that lack in front of length 1. */
export function sixAxes(shape: Shape, strides: readonly number[]): Readonly<Record<`${"n" | "s"}${0 | 1 | 2 | 3 | 4 | 5}`, number>> {
  const missing = 6 - shape.length;
  const [n, s] = [(axis: number): number => shape[axis - missing] ?? 1, (axis: number): number => strides[axis - missing] ?? 0];
  return { n0: n(0), n1: n(1), n2: n(2), n3: n(3), n4: n(4), n5: n(5), s0: s(0), s1: s(1), s2: s(2), s3: s(3), s4: s(4), s5: s(5) };
}
