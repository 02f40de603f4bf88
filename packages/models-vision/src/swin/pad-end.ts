import { concat, type Tensor, zeros } from "@x/layers";

/** x with zeros after it until the axis has `length`; x itself where nothing is missing. */
export function padEnd(x: Tensor, axis: number, length: number): Tensor {
  const missing = length - (x.shape[axis] ?? 0);
  return missing > 0 ? concat([x, zeros(x.shape.with(axis, missing))], axis) : x;
}
