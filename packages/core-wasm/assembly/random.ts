/**
 * Random numbers by counting (simd/philox.ts): element i depends on (seed, stream, i) and nothing else, so any split gives
 * the same bits, and the plain build gives the same on every engine. Element i's word is word i of the stream.
 *
 * - u = (word >> 8)·2⁻²⁴, uniform in [0, 1)
 * - normal: Box & Muller 1958 on a pair of words (a, b): √(-2 ln((⌊a/2⌋ + ½)·2⁻³¹))·(cos 2πu_b, sin 2πu_b); |z| < 6.7
 * - truncatedNormal: Φ⁻¹ of a uniform between Φ(low) and Φ(high), with Giles's polynomial for erf⁻¹ (2011)
 *
 * Units: elements, begin a multiple of 4. Sixteen at a time; what is left takes its words one block at a time.
 */
import { FloatsOut } from "./parts/operands";
import { storeTail } from "./simd/lanes";
import { erf, log } from "./simd/math";
import { unit, words16, words4 } from "./simd/philox";

/** 2⁻³¹, ½, -2, ¼; sin(2πs)/s in s², |s| ≤ ¼, highest first; minimax, 5e-9. The offsets of a pair: cosine, sine. */
const NORMAL = memory.data<f32>([
  4.656612873077392578125e-10, 0.5, -2, 0.25, 39.71091731, -76.57499207, 81.60223124, -41.34167748, 6.283185307,
  0, 0.25, 0, 0.25,
]);

/** erf⁻¹(x)/x in w = -ln(1 - x²): in w - 2.5 below 5, in √w - 3 above (Giles 2011, table 5), and those three; 1, 1 - 2⁻²⁴. */
const INVERSE = memory.data<f32>([
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727,
  1.50140941,
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406,
  2.83297682,
  2.5, 5, 3, 1, 0.99999994,
]);

// @ts-ignore: decorator
@inline
function constant(table: usize, index: i32): v128 {
  return v128.load_splat<f32>(table + (<usize>index << 2));
}

/** Four standard normals of a block: both words of a pair give the radius, even lanes the cosine, odd lanes the sine. */
function normalOf(words: v128): v128 {
  const radii = f32x4.convert_i32x4_s(i32x4.shr_u(v128.shuffle<u32>(words, words, 0, 0, 2, 2), 1));
  const u = f32x4.mul(f32x4.add(radii, constant(NORMAL, 1)), constant(NORMAL, 0));
  const radius = f32x4.sqrt(f32x4.mul(constant(NORMAL, 2), log(u)));
  // In turns: sin t = cos(t - ¼), and cos t = sin 2π(¼ - |t - nearest t|).
  const turns = f32x4.sub(unit(v128.shuffle<u32>(words, words, 1, 1, 3, 3)), v128.load(NORMAL, 36));
  const s = f32x4.sub(constant(NORMAL, 3), f32x4.abs(f32x4.sub(turns, f32x4.nearest(turns))));
  const z = f32x4.mul(s, s);
  let p = f32x4.add(f32x4.mul(constant(NORMAL, 4), z), constant(NORMAL, 5));
  p = f32x4.add(f32x4.mul(p, z), constant(NORMAL, 6));
  p = f32x4.add(f32x4.mul(p, z), constant(NORMAL, 7));
  p = f32x4.add(f32x4.mul(p, z), constant(NORMAL, 8));
  return f32x4.mul(radius, f32x4.mul(p, s));
}

/** erf⁻¹, its argument held within ±(1 - 2⁻²⁴). */
function inverseErf(level: v128): v128 {
  const one = constant(INVERSE, 21);
  const largest = constant(INVERSE, 22);
  const x = f32x4.max(f32x4.min(level, largest), f32x4.neg(largest));
  const w = f32x4.neg(log(f32x4.mul(f32x4.sub(one, x), f32x4.add(one, x))));
  const outer = f32x4.ge(w, constant(INVERSE, 19));
  const t = v128.bitselect(
    f32x4.sub(f32x4.sqrt(w), constant(INVERSE, 20)), f32x4.sub(w, constant(INVERSE, 18)), outer,
  );
  let p = v128.bitselect(constant(INVERSE, 9), constant(INVERSE, 0), outer);
  for (let k = 1; k < 9; k++) {
    p = f32x4.add(f32x4.mul(p, t), v128.bitselect(constant(INVERSE, 9 + k), constant(INVERSE, k), outer));
  }
  return f32x4.mul(p, x);
}

const UNIFORM: i32 = 0;
const NORMALS: i32 = 1;
const TRUNCATED: i32 = 2;
const BERNOULLI: i32 = 3;

/** Words → the distribution; a and b are its parameters. */
// @ts-ignore: decorator
@inline
function shape(form: i32, words: v128, a: v128, b: v128): v128 {
  if (form == UNIFORM) return unit(words);
  if (form == NORMALS) return f32x4.add(f32x4.mul(normalOf(words), b), a);
  if (form == TRUNCATED) return inverseErf(f32x4.add(a, f32x4.mul(unit(words), b)));
  return v128.and(b, f32x4.lt(unit(words), a));
}

// @ts-ignore: decorator
@inline
function draw(
  form: i32, y: usize, a: v128, b: v128, seed: u32, stream: u32, begin: i32, end: i32,
): void {
  let i = begin;
  for (; i + 16 <= end; i += 16) {
    let target = y + (<usize>i << 2);
    words16(target, i >> 2, seed, stream);
    for (const last = target + 64; target < last; target += 16) {
      v128.store(target, shape(form, v128.load(target), a, b));
    }
  }
  for (; i < end; i += 4) {
    storeTail(y + (<usize>i << 2), shape(form, words4(i >> 2, seed, stream), a, b), min(4, end - i));
  }
}

/**
 * y = uniform in [0, 1), 24 bits. Units: elements.
 * @units size
 * @cost 16
 */
export function uniform(y: FloatsOut, seed: u32, stream: u32, begin: i32, end: i32): void {
  draw(UNIFORM, y, f32x4.splat(0), f32x4.splat(0), seed, stream, begin, end);
}

/**
 * y = mean + deviation·z, z standard normal. Units: elements.
 * @units size
 * @cost 64
 */
export function normal(
  y: FloatsOut, mean: f32, deviation: f32, seed: u32, stream: u32, begin: i32, end: i32,
): void {
  draw(NORMALS, y, f32x4.splat(mean), f32x4.splat(deviation), seed, stream, begin, end);
}

/**
 * y = a normal of that mean and deviation within [low, high], one draw each (torch's trunc_normal_). Units: elements.
 * @units size
 * @cost 64
 */
export function truncatedNormal(
  y: FloatsOut, mean: f32, deviation: f32, low: f32, high: f32, seed: u32, stream: u32, begin: i32, end: i32,
): void {
  const scale = deviation * <f32>1.4142135623730951;
  const from = erf(f32x4.splat((low - mean) / scale)); // 2Φ - 1 at both ends
  const range = f32x4.sub(erf(f32x4.splat((high - mean) / scale)), from);
  draw(TRUNCATED, y, from, range, seed, stream, begin, end);
  for (let i = begin; i < end; i++) {
    const o = y + (<usize>i << 2);
    store<f32>(o, min(max(mean + scale * load<f32>(o), low), high));
  }
}

/**
 * y = value with the given probability, else 0: dropout's mask has value = 1/probability. Units: elements.
 * @units size
 * @cost 16
 */
export function bernoulli(
  y: FloatsOut, probability: f32, value: f32, seed: u32, stream: u32, begin: i32, end: i32,
): void {
  draw(BERNOULLI, y, f32x4.splat(probability), f32x4.splat(value), seed, stream, begin, end);
}
