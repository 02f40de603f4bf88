/** Little-endian bytes of any dtype → float32, or whole numbers as what they are, in place in the destination. */

import { CheckpointError } from "../files/checkpoint-error.ts";
import { bytesOf, type DType } from "./dtype.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half-precision.ts";

/** What parameters are held in; bytes as themselves. */
export type Numbers = Float32Array | Int32Array | Int8Array | Uint8Array;

/** Whether entries of `dtype` can be read into `out`: anything into float32, whole numbers only into int32, bytes only into bytes of their kind. */
export function fits(dtype: DType, out: Numbers): boolean {
  if (out instanceof Int8Array) return dtype === "I8";
  if (out instanceof Uint8Array) return dtype === "U8" || dtype === "BOOL";
  return out instanceof Float32Array || !(dtype === "F32" || dtype === "F16" || dtype === "BF16" || dtype === "F64");
}

/** As many numbers of the same kind, all 0. */
export function numbersLike(numbers: Numbers, length: number): Numbers {
  if (numbers instanceof Float32Array) return new Float32Array(length);
  if (numbers instanceof Int32Array) return new Int32Array(length);
  return numbers instanceof Int8Array ? new Int8Array(length) : new Uint8Array(length);
}

/**
 * Converts `bytes`, whole elements of `dtype`, into `out[begin …]`.
 * float64 and int64 are rounded to float32; int64 outside int32 is refused where `out` holds int32.
 * @throws CheckpointError when an int64 doesn't fit int32.
 */
export function decode(dtype: DType, bytes: Uint8Array, out: Numbers, begin: number): void {
  const count = bytes.length / bytesOf[dtype];
  if (dtype === "F32" || (dtype === "I32" && out instanceof Int32Array)) {
    new Uint8Array(out.buffer, out.byteOffset + 4 * begin, bytes.length).set(bytes);
    return;
  }
  // Typed arrays need an aligned start; chunks from the network have any.
  const { buffer, byteOffset } = bytes.byteOffset % bytesOf[dtype] === 0 ? bytes : bytes.slice();
  switch (dtype) {
    case "F16":
      if (out instanceof Float32Array) float16ToFloat32(new Uint16Array(buffer, byteOffset, count), out, begin);
      return;
    case "BF16":
      if (out instanceof Float32Array) bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, count), out, begin);
      return;
    case "F64":
      return out.set(new Float64Array(buffer, byteOffset, count), begin);
    case "I64":
      return decodeInt64(new Int32Array(buffer, byteOffset, 2 * count), out, begin);
    case "I32":
      return out.set(new Int32Array(buffer, byteOffset, count), begin);
    case "I16":
      return out.set(new Int16Array(buffer, byteOffset, count), begin);
    case "I8":
      return out.set(new Int8Array(buffer, byteOffset, count), begin);
    case "U8":
    case "BOOL":
      return out.set(bytes, begin);
  }
}

function decodeInt64(halves: Int32Array, out: Numbers, begin: number): void {
  for (let i = 0; 2 * i < halves.length; i++) {
    const low = halves[2 * i] ?? 0;
    const high = halves[2 * i + 1] ?? 0;
    if (high === low >> 31) out[begin + i] = low;
    else if (out instanceof Int32Array)
      throw new CheckpointError("an int64 doesn't fit int32", { found: String(high * 2 ** 32 + (low >>> 0)) });
    else out[begin + i] = high * 2 ** 32 + (low >>> 0);
  }
}
