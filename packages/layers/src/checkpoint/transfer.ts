/** Brings stored tensors into memory: in file order, a chunk at a time, converted on the way, never a second copy. */

import { kindOf } from "../errors.ts";
import { CheckpointError } from "../files/checkpoint-error.ts";
import type { Cursor } from "../formats/cursor.ts";
import { decode, fits, type Numbers, numbersLike } from "../formats/decode.ts";
import { bytesOf, denseStrides, elementCount, shapeText } from "../formats/dtype.ts";
import type { StoredTensor } from "../formats/stored-tensor.ts";

/** Where an entry goes. */
export interface Destination {
  /** The shape after `rows` and `transpose`. */
  readonly shape: readonly number[];
  /**
   * The memory, row-major, whole numbers as int32. Called again for every chunk, because memory that grows detaches its views; one that
   * covers a part of a tensor is how several entries are put together.
   */
  view(): Numbers;
  /** The entry is 2-D and stored the other way round: [in, out] for a weight of (out, in). Default false. */
  readonly transpose?: boolean | undefined;
  /** Only the rows [begin, end) along the entry's first axis. Default all. */
  readonly rows?: readonly [begin: number, end: number] | undefined;
  /** Called when all of it has come. */
  readonly onFilled?: (() => void) | undefined;
}

/** What is wrong with reading this entry into this destination, or undefined. */
export function misfit(
  tensor: { readonly shape: readonly number[] },
  destination: Destination,
): { expected: string; found: string } | undefined {
  const { rows, transpose } = destination;
  const [first = 1, ...others] = tensor.shape;
  if (rows !== undefined && !(rows[0] >= 0 && rows[0] <= rows[1] && rows[1] <= first)) {
    return { expected: `at least ${rows[1]} rows`, found: shapeText(tensor.shape) };
  }
  const read = rows === undefined ? tensor.shape : [rows[1] - rows[0], ...others];
  const shape = transpose === true ? read.toReversed() : read;
  const same = (transpose !== true || read.length === 2) && shape.join() === destination.shape.join();
  if (same) return undefined;
  const wanted = transpose === true ? destination.shape.toReversed() : destination.shape;
  return { expected: shapeText(wanted), found: shapeText(read) };
}

/**
 * Reads one tensor into its destination, and tells after each chunk how many of the destination's bytes came.
 * @throws CheckpointError when the destination's memory has another size, or holds whole numbers where the entry holds others
 */
export async function transfer(
  cursor: Cursor,
  name: string,
  tensor: StoredTensor,
  destination: Destination,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { dtype } = tensor;
  const where = { file: tensor.file.label, tensor: name };
  const sizes = destination.rows === undefined ? tensor.shape : [destination.rows[1] - destination.rows[0], ...tensor.shape.slice(1)];
  const count = elementCount(sizes);
  const view = (): Numbers => {
    const numbers = destination.view();
    if (numbers.length === count) return numbers;
    throw new CheckpointError("the destination's size is wrong", {
      ...where,
      expected: `${count} elements`,
      found: String(numbers.length),
    });
  };
  if (!fits(dtype, view())) throw new CheckpointError(`${dtype} can't be read into an ${kindOf(view())}`, where);
  if (count === 0) return;

  const strides = tensor.strides ?? denseStrides(tensor.shape);
  const target = destination.transpose === true ? denseStrides(sizes.toReversed()).toReversed() : denseStrides(sizes);
  const first = tensor.offset + (destination.rows?.[0] ?? 0) * (strides[0] ?? 0);
  const axes = storageOrder(sizes, strides, target);
  const base = await tensor.locate(cursor);
  const seek = (): Promise<void> => cursor.seek(base + first * bytesOf[dtype]);

  if (axes === undefined) {
    // Axes that overlap, repeat or leave gaps: the span that they touch is read at once.
    const span = sizes.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 1);
    const elements = numbersLike(view(), span);
    await seek();
    let filled = 0;
    for await (const bytes of cursor.elements(dtype, span)) {
      decode(dtype, bytes, elements, filled);
      filled += bytes.length / bytesOf[dtype];
    }
    gather(elements, sizes, strides, target, view());
    onBytes(count * bytesOf[dtype]);
    return;
  }
  await seek();
  const walk = new Walk(axes);
  let done = 0;
  for await (const bytes of cursor.elements(dtype, count)) {
    const length = bytes.length / bytesOf[dtype];
    if (axes.length <= 1) decode(dtype, bytes, view(), done);
    else {
      const elements = numbersLike(view(), length);
      decode(dtype, bytes, elements, 0);
      walk.scatter(elements, view());
    }
    done += length;
    onBytes(bytes.length);
  }
}

/** An axis as it is met while reading: how many steps, and how far each goes in the destination. */
interface Axis {
  readonly size: number;
  readonly step: number;
}

/**
 * The axes from the slowest to the fastest in storage, or undefined when the elements aren't exactly the storage's next ones.
 * Axes that are neighbours in the destination too are merged, so a plain tensor has one of step 1.
 */
function storageOrder(sizes: readonly number[], strides: readonly number[], target: readonly number[]): Axis[] | undefined {
  const axes = sizes
    .map((size, axis) => ({ size, stride: strides[axis] ?? 0, step: target[axis] ?? 0 }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => a.stride - b.stride);
  const merged: { size: number; step: number }[] = [];
  let dense = 1;
  for (const { size, stride, step } of axes) {
    if (stride !== dense) return undefined;
    dense *= size;
    const inner = merged[0];
    if (inner && step === inner.step * inner.size) inner.size *= size;
    else merged.unshift({ size, step });
  }
  return merged;
}

/** Goes through the destination in the order of the storage, over as many chunks as come. */
class Walk {
  readonly #axes: readonly Axis[];
  readonly #index: number[];
  #position = 0;

  constructor(axes: readonly Axis[]) {
    this.#axes = axes;
    this.#index = axes.map(() => 0);
  }

  scatter(elements: Numbers, out: Numbers): void {
    const axes = this.#axes;
    const fastest = axes.length - 1;
    const { size = 1, step = 1 } = axes[fastest] ?? {};
    for (let i = 0; i < elements.length;) {
      const run = Math.min(elements.length - i, size - (this.#index[fastest] ?? 0));
      for (let k = 0; k < run; k++) out[this.#position + k * step] = elements[i + k] ?? 0;
      i += run;
      this.#advance(fastest, run);
    }
  }

  #advance(axis: number, by: number): void {
    const { size = 1, step = 1 } = this.#axes[axis] ?? {};
    const index = (this.#index[axis] ?? 0) + by;
    this.#position += by * step;
    this.#index[axis] = index === size ? 0 : index;
    if (index < size) return;
    this.#position -= size * step;
    if (axis > 0) this.#advance(axis - 1, 1);
  }
}

/** `out` at `target` strides = `elements` at `strides`. */
function gather(elements: Numbers, sizes: readonly number[], strides: readonly number[], target: readonly number[], out: Numbers): void {
  const index = sizes.map(() => 0);
  let from = 0;
  let to = 0;
  for (let i = 0; i < out.length; i++) {
    out[to] = elements[from] ?? 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const wraps = next === sizes[axis];
      index[axis] = wraps ? 0 : next;
      from += (wraps ? 1 - next : 1) * (strides[axis] ?? 0);
      to += (wraps ? 1 - next : 1) * (target[axis] ?? 0);
      if (!wraps) break;
    }
  }
}
