/**
 * Discrete Fourier transform of rows of complex numbers, x (rows, n, 2) → y (rows, n, 2), real and imaginary part side by side:
 *
 *   y[k] = Σ_j x[j]·e^(−2πijk/n),  inverse: y[k] = 1/n·Σ_j x[j]·e^(2πijk/n) = conj F(conj x)/n
 *
 * Four rows at a time, a lane each; the last four repeat the last row.
 */
import { Bytes, Floats, FloatsOut } from "./parts/operands";
import { transform } from "./parts/fft-transform";

const ELEMENT: usize = 32; // bytes: four real and four imaginary parts

/** Rows at a time. */
const LANES: i32 = 4;

/**
 * x → y, by the plan of `fftPlan(core, length)`. Scratch: the elements of a row, and the plan's work. Units: groups of four rows.
 * @units ceilDivide(rows, LANES)
 * @cost 32 * length * log2(2 * length)
 * @scratch ELEMENT * length + work
 */
export function fft(
  x: Floats, y: FloatsOut, plan: Bytes, rows: i32, length: i32, inverse: bool, scratch: usize, begin: i32, end: i32,
): void {
  const stride = <usize>length << 3;
  const sign: f32 = inverse ? -1 : 1;
  const turn = f32x4.splat(sign);
  const factor = f32x4.splat(inverse ? <f32>1 / <f32>length : 1);
  const factorOfImaginary = f32x4.mul(factor, turn);
  const pairs = plan + load<i32>(plan, 8);
  for (let unit = begin; unit < end; unit++) {
    const row = unit << 2;
    const count = min(4, rows - row);
    const x0 = x + <usize>row * stride;
    const x1 = x + <usize>min(row + 1, rows - 1) * stride;
    const x2 = x + <usize>min(row + 2, rows - 1) * stride;
    const x3 = x + <usize>min(row + 3, rows - 1) * stride;
    for (let at: usize = 0, z = scratch; at < stride; at += 8, z += ELEMENT) {
      const low = v128.shuffle<u32>(v128.load64_zero(x0 + at), v128.load64_zero(x1 + at), 0, 4, 1, 5);
      const high = v128.shuffle<u32>(v128.load64_zero(x2 + at), v128.load64_zero(x3 + at), 0, 4, 1, 5);
      v128.store(z, v128.shuffle<u64>(low, high, 0, 2));
      v128.store(z, f32x4.mul(v128.shuffle<u64>(low, high, 1, 3), turn), 16);
    }
    transform(scratch, scratch + <usize>length * ELEMENT, plan);

    const target = y + <usize>row * stride;
    for (let k = 0; k <= length >> 1; k++) {
      const pair = pairs + (<usize>k << 3);
      put(target + (<usize>k << 3), stride, scratch + load<i32>(pair), factor, factorOfImaginary, count);
      if (k) put(target + (<usize>(length - k) << 3), stride, scratch + load<i32>(pair, 4), factor, factorOfImaginary, count);
    }
  }
}

/** An element into the first `count` of four rows. */
// @ts-ignore: decorator
@inline
function put(target: usize, stride: usize, z: usize, factor: v128, factorOfImaginary: v128, count: i32): void {
  const re = f32x4.mul(v128.load(z), factor);
  const im = f32x4.mul(v128.load(z, 16), factorOfImaginary);
  const low = v128.shuffle<u32>(re, im, 0, 4, 1, 5);
  const high = v128.shuffle<u32>(re, im, 2, 6, 3, 7);
  v128.store64_lane(target, low, 0);
  if (count > 1) v128.store64_lane(target + stride, low, 1);
  if (count > 2) v128.store64_lane(target + 2 * stride, high, 0);
  if (count > 3) v128.store64_lane(target + 3 * stride, high, 1);
}
