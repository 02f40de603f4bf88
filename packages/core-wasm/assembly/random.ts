/**
 * Random numbers by counting (simd/philox.ts): element i depends on (seed, stream, i) and nothing else, so any split gives
 * the same bits, and the plain build gives the same on every engine. Words are 32 bits; element i's word is word i.
 *
 * - u = (word >> 8)·2⁻²⁴, uniform in [0, 1)
 * - normal: Box & Muller 1958 on the words (a, b) of a pair: √(-2 ln((a/2 + ½)·2⁻³¹))·(cos 2πu_b, sin 2πu_b); |z| < 6.7
 * - truncatedNormal: Φ⁻¹ of a uniform between Φ(low) and Φ(high), with Giles's polynomial for erf⁻¹ (2011)
 *
 * Units: elements, begin a multiple of 4. Tails take the first words of the last block.
 */
import { storeTail } from "./simd/lanes";
import { erf, log } from "./simd/math";
import { philox, uniformLanes, unit } from "./simd/philox";

/** sin(2πs)/s in s², |s| ≤ ¼; minimax, 5e-9. */
const SINE = memory.data<f32>([6.283185307, -41.34167748, 81.60223124, -76.57499207, 39.71091731]);

/** erf⁻¹(x)/x in w = -ln(1 - x²): in w - 2.5 below 5, in √w - 3 above (Giles 2011, table 5). */
const CENTRAL = memory.data<f32>([
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727,
  1.50140941,
]);
const OUTER = memory.data<f32>([
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406,
  2.83297682,
]);

/** Four standard normals of a block: both words of a pair give the radius, even lanes the cosine, odd lanes the sine. */
// @ts-ignore: decorator
@inline
function normalOf(words: v128): v128 {
  const radii = i32x4.shr_u(v128.shuffle<u32>(words, words, 0, 0, 2, 2), 1);
  const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(radii), f32x4.splat(0.5)), f32x4.splat(4.656612873077392578125e-10));
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log(u)));
  // In turns: sin t = cos(t - ¼), and cos t = sin 2π(¼ - |t - nearest t|).
  const turns = f32x4.sub(unit(v128.shuffle<u32>(words, words, 1, 1, 3, 3)), f32x4(0, 0.25, 0, 0.25));
  const s = f32x4.sub(f32x4.splat(0.25), f32x4.abs(f32x4.sub(turns, f32x4.nearest(turns))));
  const z = f32x4.mul(s, s);
  let p = v128.load32_splat(SINE, 16);
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(SINE, 12));
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(SINE, 8));
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(SINE, 4));
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(SINE));
  return f32x4.mul(radius, f32x4.mul(p, s));
}

/** erf⁻¹ */
// @ts-ignore: decorator
@inline
function inverseErf(x: v128): v128 {
  const one = f32x4.splat(1);
  const w = f32x4.neg(log(f32x4.mul(f32x4.sub(one, x), f32x4.add(one, x))));
  const isOuter = f32x4.ge(w, f32x4.splat(5));
  const t = v128.bitselect(
    f32x4.sub(f32x4.sqrt(w), f32x4.splat(3)), f32x4.sub(w, f32x4.splat(2.5)), isOuter,
  );
  let p = v128.bitselect(v128.load32_splat(OUTER), v128.load32_splat(CENTRAL), isOuter);
  for (let k: usize = 4; k < 36; k += 4) {
    const c = v128.bitselect(v128.load32_splat(OUTER + k), v128.load32_splat(CENTRAL + k), isOuter);
    p = f32x4.add(f32x4.mul(p, t), c);
  }
  return f32x4.mul(p, x);
}

/** y = the raw 32-bit words. Units: elements. */
export function randomBits(y: usize, seedLow: i32, seedHigh: i32, stream: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    storeTail(y + (<usize>i << 2), philox(i >> 2, seedLow, seedHigh, stream), min(4, end - i));
  }
}

/** y = uniform in [0, 1), 24 bits. Units: elements. */
export function uniform(y: usize, seedLow: i32, seedHigh: i32, stream: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    storeTail(y + (<usize>i << 2), uniformLanes(i, seedLow, seedHigh, stream), min(4, end - i));
  }
}

/** y = mean + deviation·z, z standard normal. Units: elements. */
export function normal(
  y: usize, mean: f32, deviation: f32, seedLow: i32, seedHigh: i32, stream: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i += 4) {
    const z = normalOf(philox(i >> 2, seedLow, seedHigh, stream));
    const value = f32x4.add(f32x4.splat(mean), f32x4.mul(f32x4.splat(deviation), z));
    storeTail(y + (<usize>i << 2), value, min(4, end - i));
  }
}

/** y = a normal of that mean and deviation within [low, high], one draw each (torch's trunc_normal_). Units: elements. */
export function truncatedNormal(
  y: usize, mean: f32, deviation: f32, low: f32, high: f32, seedLow: i32, seedHigh: i32, stream: i32, begin: i32, end: i32,
): void {
  const scale = deviation * <f32>1.4142135623730951;
  const from = erf(f32x4.splat((low - mean) / scale)); // 2Φ - 1 at both ends
  const range = f32x4.sub(erf(f32x4.splat((high - mean) / scale)), from);
  const largest = f32x4.splat(0.99999994);
  for (let i = begin; i < end; i += 4) {
    const level = f32x4.add(from, f32x4.mul(uniformLanes(i, seedLow, seedHigh, stream), range));
    const z = inverseErf(f32x4.max(f32x4.min(level, largest), f32x4.neg(largest)));
    const value = f32x4.add(f32x4.splat(mean), f32x4.mul(f32x4.splat(scale), z));
    const inside = f32x4.min(f32x4.max(value, f32x4.splat(low)), f32x4.splat(high));
    storeTail(y + (<usize>i << 2), inside, min(4, end - i));
  }
}

/** y = value with the given probability, else 0: dropout's mask has value = 1/probability. Units: elements. */
export function bernoulli(
  y: usize, probability: f32, value: f32, seedLow: i32, seedHigh: i32, stream: i32, begin: i32, end: i32,
): void {
  const threshold = f32x4.splat(probability);
  const kept = f32x4.splat(value);
  for (let i = begin; i < end; i += 4) {
    const chosen = f32x4.lt(uniformLanes(i, seedLow, seedHigh, stream), threshold);
    storeTail(y + (<usize>i << 2), v128.and(kept, chosen), min(4, end - i));
  }
}
