import { ArgumentError, formatShape, kindOf, shown, TensorError } from "../errors.ts";
import { kernels } from "./engine.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { type DType, empty, Tensor } from "./tensor.ts";

/** Numbers as users have them: one, an array or a typed array, or arrays of these, at any depth. */
export type TensorValues = number | ArrayLike<number> | readonly TensorValues[];

/**
 * A tensor of given numbers: `tensor([[1, 2], [3, 4]])`, of rows that are typed arrays, or flat with a shape: `tensor(new Float32Array(6), [2, 3])`.
 * @throws ArgumentError when something isn't a number
 * @throws TensorError when rows differ in length, or the shape doesn't fit the number of values
 */
export function tensor(values: TensorValues, shape?: Shape): Tensor {
  return fromNumbers("tensor", values, shape, "float32");
}

/** The same for whole numbers: ids, labels, indices. */
export function intTensor(values: TensorValues, shape?: Shape): Tensor<"int32"> {
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
  kernels().full({ y: filled, value, size: filled.size });
  return filled;
}

function fromNumbers<T extends DType>(op: string, values: TensorValues, shape: Shape | undefined, dtype: T): Tensor<T> {
  const found = shapeOf(values);
  const first = isList(values) ? values[0] : values;
  const numbers = ArrayBuffer.isView(values) && typeof first === "number" ? (values as Float32Array) : flatten(op, values, found);
  const created = empty(shape ?? found, dtype);
  if (numbers.length !== created.size) {
    created.dispose();
    throw new TensorError(`${op}: shape ${formatShape(created.shape)} has ${created.size} elements, but ${numbers.length} values came`);
  }
  if (dtype === "int32" && kindOf(numbers) !== "Int32Array") {
    const odd = numbers.findIndex((number) => (number | 0) !== number);
    if (odd >= 0) {
      created.dispose();
      throw new ArgumentError(op, "values are whole numbers from −2³¹ to 2³¹ − 1", `number ${odd} is ${numbers[odd]}`);
    }
  }
  created.data.set(numbers);
  return created;
}

const isList = (values: TensorValues): values is readonly TensorValues[] => Array.isArray(values) || ArrayBuffer.isView(values);

/** As the first row, and the first of its rows, say. */
function shapeOf(values: TensorValues): number[] {
  if (!isList(values)) return [];
  const [first] = values;
  return [values.length, ...(first === undefined ? [] : shapeOf(first))];
}

/** @throws ArgumentError where something isn't a number, TensorError where a row isn't as long as the first */
function flatten(op: string, values: TensorValues, shape: Shape): Float64Array {
  const numbers = new Float64Array(sizeOf(shape));
  let next = 0;
  const take = (item: TensorValues, axis: number): void => {
    const length = shape[axis];
    if (isList(item) ? item.length !== length : typeof item === "number" && length !== undefined)
      throw new TensorError(`${op}: rows must all have the same length`);
    if (isList(item)) for (const part of item) take(part, axis + 1);
    else if (typeof item === "number") numbers[next++] = item;
    else throw new ArgumentError(op, "values are numbers, in arrays or typed arrays", `${shown(item)} is among them`);
  };
  take(values, 0);
  return numbers;
}
