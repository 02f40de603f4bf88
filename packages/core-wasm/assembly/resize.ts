/**
 * Pillow's resampling of 8-bit images, to the last bit: two passes, across and then down, each a weighted mean of neighbours in fixed point with
 * 22 fractional bits, rounded to 8 bits in between. The weights are computed by the caller.
 *
 *   y[j] = clip((2²¹ + Σ_k weights[j, k] · x[first[j] + k]) >> 22)
 *
 * Layout: pixels (rows, columns, 3) of u8; weights (outputs, taps) of i32, padded with zeros; bounds (outputs, 2) of i32: the first input and how
 * many. Source memory must be readable for one byte beyond its end. Units: rows of y.
 */
import { Bytes, BytesOut, Floats, FloatsOut, Ints } from "./parts/operands";

const HALF: i32 = 1 << 21;

// @ts-ignore: decorator
@inline
function clip8(sum: i32): u8 {
  const value = sum >> 22;
  return <u8>(value < 0 ? 0 : value > 255 ? 255 : value);
}

/**
 * x (rows, columns, 3) → y (rows, outputs, 3). Units: rows.
 * @units rows
 * @cost 2 * outputs * taps
 */
export function resizeAcross(
  x: Bytes, y: BytesOut, weights: Ints, bounds: Ints, columns: i32, outputs: i32, taps: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const source = x + <usize>(row * columns * 3);
    let target = y + <usize>(row * outputs * 3);
    for (let j = 0; j < outputs; j++, target += 3) {
      let pixel = source + <usize>(load<i32>(bounds + (<usize>j << 3)) * 3);
      let weight = weights + (<usize>(j * taps) << 2);
      const last = weight + (<usize>load<i32>(bounds + (<usize>j << 3), 4) << 2);
      let sum = i32x4.splat(HALF);
      for (; weight < last; weight += 4, pixel += 3) {
        const channels = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pixel)));
        sum = i32x4.add(sum, i32x4.mul(channels, v128.load32_splat(weight)));
      }
      store<u8>(target, clip8(i32x4.extract_lane(sum, 0)));
      store<u8>(target, clip8(i32x4.extract_lane(sum, 1)), 1);
      store<u8>(target, clip8(i32x4.extract_lane(sum, 2)), 2);
    }
  }
}

/**
 * x (inputs, length) → y (outputs, length), length = 3 · columns. Units: rows of y.
 * @units outputs
 * @cost 2 * length * taps / 3
 */
export function resizeDown(
  x: Bytes, y: BytesOut, weights: Ints, bounds: Ints, length: i32, taps: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const first = x + <usize>(load<i32>(bounds + (<usize>row << 3)) * length);
    const count = load<i32>(bounds + (<usize>row << 3), 4);
    const rowWeights = weights + (<usize>(row * taps) << 2);
    const target = y + <usize>(row * length);
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      let sum = i32x4.splat(HALF);
      let pixel = first + <usize>at;
      for (let k = 0; k < count; k++, pixel += length) {
        const four = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pixel)));
        sum = i32x4.add(sum, i32x4.mul(four, v128.load32_splat(rowWeights + (<usize>k << 2))));
      }
      // Saturating twice clips to 0…255.
      const words = i16x8.narrow_i32x4_s(i32x4.shr_s(sum, 22), i32x4.splat(0));
      v128.store32_lane(target + <usize>at, i8x16.narrow_i16x8_u(words, words), 0);
    }
    for (; at < length; at++) {
      let sum = HALF;
      for (let k = 0; k < count; k++) sum += <i32>load<u8>(first + <usize>(k * length + at)) * load<i32>(rowWeights + (<usize>k << 2));
      store<u8>(target + <usize>at, clip8(sum));
    }
  }
}

/**
 * Pixels (H·W, 3) of u8 → planes (3, H·W) of f32 through a table of 256 values for each channel: rescaling and normalisation. Units: pixels.
 * @units pixels
 * @cost 4
 */
export function pixelsToPlanes(x: Bytes, y: FloatsOut, table: Floats, pixels: i32, begin: i32, end: i32): void {
  for (let channel = 0; channel < 3; channel++) {
    const values = table + <usize>(channel << 10);
    const plane = y + (<usize>(channel * pixels) << 2);
    for (let i = begin; i < end; i++) {
      store<f32>(plane + (<usize>i << 2), load<f32>(values + (<usize>load<u8>(x + <usize>(3 * i + channel)) << 2)));
    }
  }
}
