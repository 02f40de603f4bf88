/** The number types of checkpoints, under safetensors' names. */

export type DType = "F32" | "F16" | "BF16" | "F64" | "I64" | "I32" | "I16" | "I8" | "U8" | "BOOL";

/** What numbers may be kept as in a file, as everything else in the library calls it. */
export type StoredDType = "float64" | "float32" | "float16" | "bfloat16" | "int64" | "int32" | "int16" | "int8" | "uint8" | "bool";

export const commonName: Readonly<Record<DType, StoredDType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** Bytes of one element. */
export const bytesOf: Readonly<Record<DType, number>> = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

export function isDType(name: unknown): name is DType {
  return typeof name === "string" && Object.hasOwn(bytesOf, name);
}

/** Number of elements of a shape; NaN when it is beyond what a double counts exactly. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) if (size === 0) return 0;
  for (const size of shape) count *= size;
  return Number.isSafeInteger(count) ? count : Number.NaN;
}

/** Shape as it stands in messages: `(2, 3)`. */
export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(", ")})`;
}

/** Row-major strides. */
/** Elements between neighbours along each axis of a row-major array. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}
