import { kernels } from "../tensor/engine.ts";
import { sameShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

/** The gradient of broadcasting: sums over the axes that `shape` lacks in front or has of length 1. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
  let sum = gradient;
  for (let axis = 0; sum.shape.length > shape.length || axis < shape.length;) {
    if (sum.shape.length > shape.length) sum = sumAxis(sum, 0, false);
    else {
      if (shape[axis] === 1 && sum.shape[axis] !== 1) sum = sumAxis(sum, axis, true);
      axis++;
    }
  }
  return sameShape(sum.shape, gradient.shape) ? gradient : sum;
}

function sumAxis(x: Tensor, axis: number, keepAxis: boolean): Tensor {
  const length = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const y = empty(keepAxis ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1));
  kernels().sum({ x, y, outer: sizeOf(x.shape.slice(0, axis)), axis: length, inner });
  return y;
}

/** a + b; in a's own memory if nobody else sees it, and then a is returned; else a is freed. */
export function accumulate(a: Tensor, b: Tensor): Tensor {
  if (a.block.exclusive) {
    kernels().accumulate({ x: b, y: a, size: a.size });
    return a;
  }
  const sum = empty(a.shape);
  kernels().add({ a, b, y: sum, size: a.size });
  a.dispose();
  return sum;
}

/** The gradient itself if it alone uses its memory, else a copy: a leaf's gradient may be scaled in place. */
export function ownCopy(gradient: Tensor): Tensor {
  if (gradient.block.exclusive) return gradient;
  const copy = empty(gradient.shape);
  copy.data.set(gradient.data);
  return copy;
}
