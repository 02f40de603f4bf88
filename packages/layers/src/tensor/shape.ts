import { ArgumentError, formatShape, ShapeError, shown, TensorError } from "../errors.ts";

export type Shape = readonly number[];

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** @throws TensorError when a length isn't a whole number from 0 on */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw new ArgumentError(op, "a shape must be a list of lengths", `is ${shown(shape)}`);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new TensorError(`${op}: a shape's lengths are whole numbers from 0 on, but the shape is ${formatShape(shape)}`);
  }
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((length, axis) => length === b[axis]);

/** The last axis's length; 1 for a scalar. */
export const lastOf = (shape: Shape): number => shape.at(-1) ?? 1;

/** A negative axis counts from the end. @throws TensorError when there is no such axis */
export function resolveAxis(op: string, axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= shape.length) {
    throw new TensorError(`${op}: there is no axis ${axis} in ${formatShape(shape)}`);
  }
  return resolved;
}

/**
 * The shape that operands broadcast to, NumPy's way: aligned at the end, lengths equal or 1.
 * @throws ShapeError naming the op and both shapes
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const inA = a[axis - rank + a.length] ?? 1;
    const inB = b[axis - rank + b.length] ?? 1;
    if (inA !== inB && inA !== 1 && inB !== 1) {
      throw new ShapeError(op, "shapes must be equal or 1 on every axis, counted from the last", { a, b });
    }
    return inA === 1 ? inB : inA;
  });
}
