/**
 * Number formats of checkpoints and indices. Narrowing rounds to nearest, ties to even; infinities, signed zeros and denormals are
 * exact, NaN stays NaN. float16 ↔ float32 follows F. Giesen's "half-to-float done quic" (2012): the exponent is rebiased by one
 * multiplication, which normalises denormals on the way. Units: elements. Tails run one by one through the same lanes.
 */

/** Masks and exponents, by name below; loaded, because V8 rebuilds v128 constants inside loops. */
const BITS = memory.data<i32>([
  0x7fff, 0x77800000, 0x0f7fffff, 0x7f800000, 0x8000, 0x7fffffff, 1, <i32>0xc8000fff, 0x3f000000, 0x38800000, 0x7c00, 0x477fffff,
  0x7e00, 0x40,
]);

// @ts-ignore: decorator
@inline
function bits(index: i32): v128 {
  return v128.load_splat<i32>(BITS + (<usize>index << 2));
}

/** Four f16 in the low halves of i32 lanes → f32. */
// @ts-ignore: decorator
@inline
function halfToFloat(half: v128): v128 {
  const magnitude = i32x4.shl(v128.and(half, bits(0)), 13);
  const rebiased = f32x4.mul(magnitude, bits(1)); // 2^112
  const special = v128.and(i32x4.gt_s(magnitude, bits(2)), bits(3)); // ∞, NaN
  return v128.or(v128.or(rebiased, special), i32x4.shl(v128.and(half, bits(4)), 16));
}

/** f32 → four f16 in the low halves of i32 lanes. */
// @ts-ignore: decorator
@inline
function floatToHalf(x: v128): v128 {
  const magnitude = v128.and(x, bits(5));
  const odd = v128.and(i32x4.shr_u(magnitude, 13), bits(6));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(magnitude, odd), bits(7)), 13); // (15 - 127) << 23, and ½ ulp less a bit
  // Adding ½ lines the last bit of a float16 denormal up with the last bit of the sum, so the addition rounds.
  const denormal = i32x4.sub(f32x4.add(magnitude, bits(8)), bits(8));
  let half = v128.bitselect(denormal, normal, i32x4.lt_s(magnitude, bits(9))); // below 2^-14
  half = v128.bitselect(bits(10), half, i32x4.gt_s(magnitude, bits(11))); // ∞ from 2^16
  half = v128.bitselect(bits(12), half, i32x4.gt_s(magnitude, bits(3))); // NaN
  return v128.or(half, v128.and(i32x4.shr_u(x, 16), bits(4)));
}

/** f32 → four bfloat16 in the low halves of i32 lanes. */
// @ts-ignore: decorator
@inline
function floatToBfloat(x: v128): v128 {
  const high = i32x4.shr_u(x, 16);
  const odd = v128.and(high, bits(6));
  const rounded = i32x4.shr_u(i32x4.add(i32x4.add(x, odd), bits(0)), 16);
  return v128.bitselect(v128.or(high, bits(13)), rounded, f32x4.ne(x, x)); // a quiet NaN
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
