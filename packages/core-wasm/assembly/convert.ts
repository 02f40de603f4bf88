/**
 * Number formats of checkpoints and indices. Narrowing rounds to nearest, ties to even; infinities, signed zeros and denormals are
 * exact, NaN stays NaN. float16 ↔ float32 follows F. Giesen's "half-to-float done quic" (2012): the exponent is rebiased by one
 * multiplication, which normalises denormals on the way. Units: elements. Tails run one by one through the same lanes.
 */

/** Four f16 in the low halves of i32 lanes → f32. */
// @ts-ignore: decorator
@inline
function halfToFloat(half: v128): v128 {
  const magnitude = i32x4.shl(v128.and(half, i32x4.splat(0x7fff)), 13);
  const rebiased = f32x4.mul(magnitude, i32x4.splat(0x77800000)); // 2^112
  const special = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x0f7fffff)), i32x4.splat(0x7f800000)); // ∞, NaN
  return v128.or(v128.or(rebiased, special), i32x4.shl(v128.and(half, i32x4.splat(0x8000)), 16));
}

/** f32 → four f16 in the low halves of i32 lanes. */
// @ts-ignore: decorator
@inline
function floatToHalf(x: v128): v128 {
  const magnitude = v128.and(x, i32x4.splat(0x7fffffff));
  const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(magnitude, odd), i32x4.splat(0xc8000fff)), 13); // (15 - 127) << 23, + ½ ulp
  // Adding ½ lines the last bit of a float16 denormal up with the last bit of the sum, so the addition rounds.
  const denormal = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  let half = v128.bitselect(denormal, normal, i32x4.lt_s(magnitude, i32x4.splat(0x38800000))); // below 2^-14
  half = v128.bitselect(i32x4.splat(0x7c00), half, i32x4.gt_s(magnitude, i32x4.splat(0x477fffff))); // from 2^16
  half = v128.bitselect(i32x4.splat(0x7e00), half, i32x4.gt_s(magnitude, i32x4.splat(0x7f800000)));
  return v128.or(half, v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000)));
}

/** f32 → four bfloat16 in the low halves of i32 lanes. */
// @ts-ignore: decorator
@inline
function floatToBfloat(x: v128): v128 {
  const high = i32x4.shr_u(x, 16);
  const odd = v128.and(high, i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(i32x4.add(x, odd), i32x4.splat(0x7fff)), 16);
  return v128.bitselect(v128.or(high, i32x4.splat(0x40)), rounded, f32x4.ne(x, x)); // a quiet NaN
}

const HALF: i32 = 0;
const BFLOAT: i32 = 1;

// @ts-ignore: decorator
@inline
function widen(format: i32, x: v128): v128 {
  return format == HALF ? halfToFloat(x) : i32x4.shl(x, 16);
}

// @ts-ignore: decorator
@inline
function narrowed(format: i32, x: v128): v128 {
  return format == HALF ? floatToHalf(x) : floatToBfloat(x);
}

// @ts-ignore: decorator
@inline
function widenAll(format: i32, x: usize, y: usize, begin: i32, end: i32): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    v128.store(y + (<usize>i << 2), widen(format, v128.load_ext<u16>(x + (<usize>i << 1))));
  }
  for (; i < end; i++) {
    const one = widen(format, i32x4.splat(load<u16>(x + (<usize>i << 1))));
    v128.store_lane<f32>(y + (<usize>i << 2), one, 0);
  }
}

// @ts-ignore: decorator
@inline
function narrowAll(format: i32, x: usize, y: usize, begin: i32, end: i32): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const four = narrowed(format, v128.load(x + (<usize>i << 2)));
    v128.store_lane<u64>(y + (<usize>i << 1), i16x8.narrow_i32x4_u(four, four), 0);
  }
  for (; i < end; i++) {
    const one = narrowed(format, v128.load_splat<u32>(x + (<usize>i << 2)));
    v128.store_lane<u16>(y + (<usize>i << 1), one, 0);
  }
}

/** IEEE binary16 → f32. Units: elements. */
export function f16ToF32(x: usize, y: usize, begin: i32, end: i32): void {
  widenAll(HALF, x, y, begin, end);
}

/** f32 → IEEE binary16. Units: elements. */
export function f32ToF16(x: usize, y: usize, begin: i32, end: i32): void {
  narrowAll(HALF, x, y, begin, end);
}

/** bfloat16 → f32. Units: elements. */
export function bf16ToF32(x: usize, y: usize, begin: i32, end: i32): void {
  widenAll(BFLOAT, x, y, begin, end);
}

/** f32 → bfloat16. Units: elements. */
export function f32ToBf16(x: usize, y: usize, begin: i32, end: i32): void {
  narrowAll(BFLOAT, x, y, begin, end);
}

/** f64 → f32. Units: elements. */
export function f64ToF32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(y + (<usize>i << 2), <f32>load<f64>(x + (<usize>i << 3)));
}

/** i64 → i32, the low 32 bits. Units: elements. */
export function i64ToI32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<i32>(y + (<usize>i << 2), <i32>load<i64>(x + (<usize>i << 3)));
}

/** i32 → f32. Units: elements. */
export function i32ToF32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(y + (<usize>i << 2), <f32>load<i32>(x + (<usize>i << 2)));
}

/** u8 → f32. Units: elements. */
export function u8ToF32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(y + (<usize>i << 2), <f32>load<u8>(x + <usize>i));
}
