import { record } from "../../autograd/record.ts";
import { engine } from "../../tensor/engine.ts";
import { resolveAxis, type Shape, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { scaleAndShift } from "../elementwise/arithmetic.ts";
import { broadcastTo } from "../shape/broadcast.ts";
import { reshape } from "../shape/reshape.ts";

/** Σ over one axis, which goes away; over all elements to a scalar () without an axis. Sums are kept in float64. */
export function sum(x: Tensor, axis?: number): Tensor {
  if (axis === undefined) return sum(reshape(x, [x.size]), 0);
  const { y, outer, length, inner, kept } = reduced("sum", x, axis);
  engine().launch("sum", outer * inner, length, x.pointer, y.pointer, length, inner);
  return record("sum", y, [x], (dy) => [() => broadcastTo(dy.view(kept), x.shape)]);
}

/** The mean over one axis, which goes away; over all elements to a scalar () without an axis. */
export function mean(x: Tensor, axis?: number): Tensor {
  if (axis === undefined) return mean(reshape(x, [x.size]), 0);
  const { y, outer, length, inner, kept } = reduced("mean", x, axis);
  engine().launch("mean", outer * inner, length, x.pointer, y.pointer, length, inner);
  return record("mean", y, [x], (dy) => [() => scaleAndShift(broadcastTo(dy.view(kept), x.shape), 1 / length, 0)]);
}

/** The greatest over one axis, which goes away; equal ones share the gradient. */
export function max(x: Tensor, axis: number): Tensor {
  const { y, outer, length, inner } = reduced("max", x, axis);
  engine().launch("max", outer * inner, length, x.pointer, y.pointer, length, inner);
  return record("max", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      engine().launch("extremeBackward", outer * inner, length, x.pointer, y.pointer, dy.pointer, dx.pointer, length, inner);
      return dx;
    },
  ]);
}

/** Index of the greatest along the last axis, which goes away: (…, K) → (…). The first of equals. */
export function argmax(x: Tensor): Tensor<"int32"> {
  const length = x.shape.at(-1) ?? 1;
  const indices = empty(x.shape.slice(0, -1), "int32");
  engine().launch("argmax", indices.size, length, x.pointer, indices.pointer, length);
  return indices;
}

/** x seen as (outer, length, inner) around the axis. */
function reduced(op: string, x: Tensor, axis: number): { y: Tensor; outer: number; length: number; inner: number; kept: Shape } {
  const at = resolveAxis(op, axis, x.shape);
  const outer = sizeOf(x.shape.slice(0, at));
  const inner = sizeOf(x.shape.slice(at + 1));
  return { y: empty(x.shape.toSpliced(at, 1)), outer, length: x.shape[at] ?? 1, inner, kept: x.shape.with(at, 1) };
}
