import { at } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { ArgumentError, ShapeError, shown, TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { zeros } from "../../tensor/create.ts";
import { checkTensors } from "../../tensor/operands.ts";
import { resolveAxis, sameShape, type Shape, sizeOf } from "../../tensor/shape.ts";
import { type DType, empty, type Tensor } from "../../tensor/tensor.ts";
import { reshape } from "./reshape.ts";

/**
 * Elements [begin, end) of an axis; negative numbers count from its end. On the first axis a view, else a copy.
 * `slice(tokens, 1, 0, 1)` of (B, N, D) is (B, 1, D).
 * @throws TensorError when the range doesn't lie in the axis
 */
export function slice<T extends DType>(x: Tensor<T>, axis: number, begin: number, end?: number): Tensor<T>;
export function slice(x: Tensor, axis: number, begin: number, end?: number): Tensor {
  checkTensors("slice", { x });
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
export function concat<T extends DType>(parts: readonly Tensor<T>[], axis: number): Tensor<T>;
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = checkAlike("concat", parts);
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

  const y = empty(first.shape.with(along, total), first.dtype);
  for (const [i, part] of parts.entries()) copyInto(y, part, outer, (offsets[i] ?? 0) * inner, total * inner, (lengths[i] ?? 0) * inner);
  return record("concat", y, parts, (dy) =>
    parts.map((part, i) => () => copied(dy, part.shape, outer, (offsets[i] ?? 0) * inner, total * inner, (lengths[i] ?? 0) * inner)),
  );
}

/**
 * Tensors of one shape side by side along a new axis: `stack([a, b], 0)` of two (N, D) is (2, N, D).
 * @throws TensorError when the shapes differ or there is no such axis
 */
export function stack<T extends DType>(parts: readonly Tensor<T>[], axis: number): Tensor<T>;
export function stack(parts: readonly Tensor[], axis: number): Tensor {
  const first = checkAlike("stack", parts);
  const other = parts.find(({ shape }) => !sameShape(shape, first.shape));
  if (other) throw new ShapeError("stack", "all tensors must have one shape", { first: first.shape, another: other.shape });
  const along = resolveAxis("stack", axis, [...first.shape, parts.length]);
  const widened = first.shape.toSpliced(along, 0, 1);
  return concat(
    parts.map((part) => reshape(part, widened)),
    along,
  );
}

/**
 * x cut into parts along an axis: of `sizes` each, or all of one size, of which the last may be smaller. On the first axis views, else copies.
 * `split(qkv, D, 2)` of (B, N, 3D) are three of (B, N, D).
 * @throws ArgumentError when the sizes don't add up to the axis's length, or the one size isn't a whole number from 1 on
 */
export function split<T extends DType>(x: Tensor<T>, sizes: number | readonly number[], axis: number): Tensor<T>[] {
  checkTensors("split", { x });
  const along = resolveAxis("split", axis, x.shape);
  const length = x.shape[along] ?? 0;
  const parts = typeof sizes === "number" ? partsOf(length, sizes) : sizes;
  const total = parts.reduce((sum, size) => sum + size, 0);
  if (total !== length) throw new ArgumentError("split", `sizes must add up to ${length}, axis ${along}'s length`, `add up to ${total}`);
  let begin = 0;
  return parts.map((size) => slice(x, along, begin, (begin += size)));
}

function partsOf(length: number, size: number): number[] {
  if (!(Number.isInteger(size) && size > 0))
    throw new ArgumentError("split", "a size must be a whole number from 1 on", `is ${shown(size)}`);
  return Array.from({ length: Math.ceil(length / size) }, (_, part) => Math.min(size, length - part * size));
}

/** Checks that parts are tensors of one kind. @returns the first @throws TensorError */
function checkAlike(op: string, parts: readonly Tensor[]): Tensor {
  if (!Array.isArray(parts)) throw new ArgumentError(op, "parts must be an array", `is ${shown(parts)}`);
  checkTensors(op, Object.fromEntries(parts.map((part, i) => [`tensor ${i}`, part])));
  const [first] = parts;
  if (!first) throw new TensorError(`${op}: at least one tensor is needed`);
  const other = parts.find(({ dtype }) => dtype !== first.dtype);
  if (other) throw new ArgumentError(op, "tensors must be of one dtype", `are ${first.dtype} and ${other.dtype}`);
  return first;
}

/** `outer` runs of `columns` elements out of x, `stride` apart, from element `offset` on. */
function copied(x: Tensor, shape: Shape, outer: number, offset: number, stride: number, columns: number): Tensor {
  const y = empty(shape, x.dtype);
  kernels().copyRows({ x: at(x, offset), y, rows: outer, columns, xStride: stride, yStride: columns });
  return y;
}

/** x's `outer` runs of `columns` elements into y, `stride` apart, from element `offset` on. */
function copyInto(y: Tensor, x: Tensor, outer: number, offset: number, stride: number, columns: number): void {
  kernels().copyRows({ x, y: at(y, offset), rows: outer, columns, xStride: columns, yStride: stride });
}
