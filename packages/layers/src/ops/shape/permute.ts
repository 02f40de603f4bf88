import { record } from "../../autograd/record.ts";
import { TensorError } from "../../errors.ts";
import { engine } from "../../tensor/engine.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * x with its axes in another order, copied: `permute(x, [0, 2, 1])` takes (B, N, D) to (B, D, N).
 * @throws TensorError when `axes` isn't an order of all the axes, or there are more than six
 */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.shape.length;
  if (axes.length !== rank || new Set(axes).size !== rank || !axes.every((axis) => axis in x.shape) || rank > 6) {
    throw new TensorError(`permute: axes must order the ${rank} axes 0…${rank - 1} (six at most), but are [${axes.join(", ")}]`);
  }
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  return record("permute", permuted(x, axes), [x], (dy) => [() => permuted(dy, inverse)]);
}

/** x with two axes exchanged; default the last two. */
export function transpose(x: Tensor, first = -2, second = -1): Tensor {
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
  const y = empty(axes.map((axis) => x.shape[axis] ?? 1));
  const pad = new Array<number>(6 - axes.length);
  const [, n1, n2, n3, n4, n5] = [...pad.fill(1), ...y.shape] as Six;
  const [s0, s1, s2, s3, s4, s5] = [...pad.fill(0), ...axes.map((axis) => strides[axis] ?? 0)] as Six;
  const rows = n5 === 0 ? 0 : y.size / n5;
  engine().launch("permute", rows, n5, x.pointer, y.pointer, n1, n2, n3, n4, n5, s0, s1, s2, s3, s4, s5);
  return y;
}

type Six = [number, number, number, number, number, number];
