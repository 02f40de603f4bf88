/**
 * What a tile of int8-matmul.ts does with four columns. The relaxed build multiplies bytes and adds neighbours, twice; the plain one widens them to 16
 * bits first, steps 0 and 2, then 1 and 3. The sums are the same whole numbers.
 */

/** Ones to add neighbours with, and a mask of the even bytes: loaded, because V8 rebuilds v128 constants inside loops. */
const WORDS = memory.data<i16>([1, 0x00ff]);

// @ts-ignore: decorator
@inline
export function ones(): v128 {
  return v128.load16_splat(WORDS);
}

// @ts-ignore: decorator
@inline
export function evens(): v128 {
  return v128.load16_splat(WORDS, 2);
}

/** Of a panel's bytes those of steps 0 and 2, in 16 bits; in the relaxed build all as they are. */
// @ts-ignore: decorator
@inline
export function even(bytes: v128, mask: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? bytes : v128.and(bytes, mask);
}

/** Those of steps 1 and 3. */
// @ts-ignore: decorator
@inline
export function odd(bytes: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? bytes : i16x8.shr_u(bytes, 8);
}

/** sums + x · b, four columns of four steps. */
// @ts-ignore: decorator
@inline
export function dot(x: v128, xOdd: v128, b: v128, bOdd: v128, one: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.add(sums, i32x4.dot_i16x8_s(v128.relaxed_dot<i16>(x, b), one));
  return i32x4.add(i32x4.add(sums, i32x4.dot_i16x8_s(x, b)), i32x4.dot_i16x8_s(xOdd, bOdd));
}

/** Sums of four columns → floats. header: the row's; columns: where the panel's t of them is, v and Σ(u - v) after it. */
// @ts-ignore: decorator
@inline
export function numbers(sums: v128, header: usize, columns: usize): v128 {
  const byRow = i32x4.mul(v128.load_splat<i32>(header, 8), v128.load(columns, 32));
  const byColumn = i32x4.mul(v128.load_splat<i32>(header, 4), v128.load(columns, 64));
  const whole = f32x4.convert_i32x4_s(i32x4.sub(i32x4.sub(sums, byRow), byColumn));
  return f32x4.mul(f32x4.mul(whole, v128.load_splat<f32>(header)), v128.load(columns));
}
