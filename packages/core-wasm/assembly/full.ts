/** Tensors of one number. Units: elements. */
import { FloatsOut } from "./parts/operands";

/**
 * y = value
 * @units size
 * @cost 1
 */
export function full(y: FloatsOut, value: f32, begin: i32, end: i32): void {
  const four = f32x4.splat(value);
  let i = begin;
  for (; i + 4 <= end; i += 4) v128.store(y + (<usize>i << 2), four);
  for (; i < end; i++) store<f32>(y + (<usize>i << 2), value);
}
