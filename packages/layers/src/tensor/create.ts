import { formatShape, TensorError } from "../errors.ts";
import { kernels } from "./engine.ts";
import type { Shape } from "./shape.ts";
import { type DType, empty, type NestedNumbers, Tensor } from "./tensor.ts";

/**
 * A tensor of given numbers: `tensor([[1, 2], [3, 4]])`, or flat with a shape: `tensor(new Float32Array(6), [2, 3])`.
 * @throws TensorError when rows differ in length, or the shape doesn't fit the number of values
 */
export function tensor(values: NestedNumbers | ArrayLike<number>, shape?: Shape): Tensor {
  return fromNumbers("tensor", values, shape, "float32");
}

/** The same for whole numbers: ids, labels, indices. */
export function intTensor(values: NestedNumbers | ArrayLike<number>, shape?: Shape): Tensor<"int32"> {
  return fromNumbers("intTensor", values, shape, "int32");
}

export function zeros(shape: Shape): Tensor {
  return full(shape, 0);
}

export function ones(shape: Shape): Tensor {
  return full(shape, 1);
}

export function full(shape: Shape, value: number): Tensor {
  const filled = empty(shape);
  const { fill } = kernels();
  fill({ y: filled, value, size: filled.size });
  return filled;
}

function fromNumbers<T extends DType>(
  op: string,
  values: NestedNumbers | ArrayLike<number>,
  shape: Shape | undefined,
  dtype: T,
): Tensor<T> {
  const flat = ArrayBuffer.isView(values) || shape ? values : undefined;
  const found = shape ?? (flat && typeof flat === "object" ? [flat.length] : shapeOf(values as NestedNumbers));
  const created = empty(found, dtype);
  const numbers = typeof flat === "object" ? (flat as ArrayLike<number>) : flatten(values as NestedNumbers);
  if (numbers.length !== created.size) {
    created.dispose();
    throw new TensorError(`${op}: shape ${formatShape(found)} has ${created.size} elements, but ${numbers.length} values came`);
  }
  created.data.set(numbers);
  return created;
}

function shapeOf(values: NestedNumbers): number[] {
  return typeof values === "number" ? [] : [values.length, ...(values[0] === undefined ? [] : shapeOf(values[0]))];
}

function flatten(values: NestedNumbers): number[] {
  if (typeof values === "number") return [values];
  const length = (row: NestedNumbers): number => (typeof row === "number" ? -1 : row.length);
  const first = values[0];
  if (first !== undefined && values.some((row) => length(row) !== length(first))) {
    throw new TensorError("tensor: rows must all have the same length");
  }
  return values.flatMap(flatten);
}
