import { at } from "@x/core-wasm";
import { record } from "../../autograd/record.ts";
import { TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { zeros } from "../../tensor/create.ts";
import { resolveAxis, type Shape, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * Elements [begin, end) of an axis; negative numbers count from its end. On the first axis a view, else a copy.
 * `slice(tokens, 1, 0, 1)` of (B, N, D) is (B, 1, D).
 * @throws TensorError when the range doesn't lie in the axis
 */
export function slice(x: Tensor, axis: number, begin: number, end?: number): Tensor {
  const along = resolveAxis("slice", axis, x.shape);
  const length = x.shape[along] ?? 0;
  const first = begin < 0 ? begin + length : begin;
  const last = end === undefined ? length : end < 0 ? end + length : end;
  if (!(Number.isInteger(first) && Number.isInteger(last) && 0 <= first && first <= last && last <= length)) {
    throw new TensorError(`slice: ${begin} to ${end ?? length} does not lie in axis ${along}, of length ${length}`);
  }
  const shape = x.shape.with(along, last - first);
  const inner = sizeOf(x.shape.slice(along + 1));
  const outer = sizeOf(x.shape.slice(0, along));
  const y = outer === 1 ? x.view(shape, first * inner) : copied(x, shape, outer, first * inner, length * inner, (last - first) * inner);
  return record("slice", y, [x], (dy) => [
    () => {
      const dx = zeros(x.shape);
      copyInto(dx, dy, outer, first * inner, length * inner, (last - first) * inner);
      return dx;
    },
  ]);
}

/**
 * Tensors one after another along an axis; the other lengths are equal. `concat([cls, patches], 1)` is (B, 1 + N, D).
 * @throws TensorError when shapes differ elsewhere than on the axis
 */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (!first) throw new TensorError("concat: at least one tensor is needed");
  const along = resolveAxis("concat", axis, first.shape);
  for (const { shape } of parts) {
    if (shape.length !== first.shape.length || shape.some((length, i) => i !== along && length !== first.shape[i])) {
      throw new TensorError(
        `concat: shapes may differ on axis ${along} only, but are ${parts.map((part) => `(${part.shape.join(", ")})`).join(" and ")}`,
      );
    }
  }
  const lengths = parts.map(({ shape }) => shape[along] ?? 0);
  const inner = sizeOf(first.shape.slice(along + 1));
  const outer = sizeOf(first.shape.slice(0, along));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const offsets = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));

  const y = empty(first.shape.with(along, total));
  for (const [i, part] of parts.entries()) copyInto(y, part, outer, (offsets[i] ?? 0) * inner, total * inner, (lengths[i] ?? 0) * inner);
  return record("concat", y, parts, (dy) =>
    parts.map((part, i) => () => copied(dy, part.shape, outer, (offsets[i] ?? 0) * inner, total * inner, (lengths[i] ?? 0) * inner)),
  );
}

/** `outer` runs of `columns` elements out of x, `stride` apart, from element `offset` on. */
function copied(x: Tensor, shape: Shape, outer: number, offset: number, stride: number, columns: number): Tensor {
  const y = empty(shape);
  kernels().copyRows({ x: at(x, offset), y, rows: outer, columns, xStride: stride, yStride: columns });
  return y;
}

/** x's `outer` runs of `columns` elements into y, `stride` apart, from element `offset` on. */
function copyInto(y: Tensor, x: Tensor, outer: number, offset: number, stride: number, columns: number): void {
  kernels().copyRows({ x, y: at(y, offset), rows: outer, columns, xStride: columns, yStride: stride });
}
