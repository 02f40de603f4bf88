/**
 * exp, log, tanh, erf, sigmoid and the GELUs on four lanes. ±∞ and NaN come out as in float64; the bounds named below were found by
 * running every 64th f32 against float64.
 *
 * Every constant is loaded from static data where it is used: one broadcasting load, where a v128 constant inside a loop would be
 * rebuilt by V8 each time. Tails: pad a vector (loadTail) and run the same lanes, then an element's bits don't depend on its place.
 */
import { madd, nmadd } from "./madd";

/** The f32 at `index` of a table of constants, in every lane. */
// @ts-ignore: decorator
@inline
function constant(table: usize, index: i32): v128 {
  return v128.load_splat<f32>(table + (<usize>index << 2));
}

const COMMON = memory.data<f32>([0.5, 1.0, -0.0]);

// @ts-ignore: decorator
@inline
function half(): v128 {
  return constant(COMMON, 0);
}

// @ts-ignore: decorator
@inline
function one(): v128 {
  return constant(COMMON, 1);
}

/** The magnitude of x with the sign of y. */
// @ts-ignore: decorator
@inline
function copySign(x: v128, y: v128): v128 {
  return v128.bitselect(y, x, constant(COMMON, 2));
}

/** Cephes expf (Moshier 1989). Bounds, log₂e, 1.5 · 2²³ to round with, ln 2 in two parts, the polynomial, highest power first. */
const EXP = memory.data<f32>([
  89.0, -104.0, 1.44269504088896341, 12582912.0, 0.693359375, -2.12194440e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
]);

/** x / ln 2 rounded to a whole number n, which stands in the low bits. */
// @ts-ignore: decorator
@inline
function shiftedPower(x: v128): v128 {
  return madd(x, constant(EXP, 2), constant(EXP, 3));
}

/** eʳ - 1, r = x - n ln 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, constant(EXP, 3));
  const r = nmadd(n, constant(EXP, 5), nmadd(n, constant(EXP, 4), x));
  let p = madd(constant(EXP, 6), r, constant(EXP, 7));
  p = madd(p, r, constant(EXP, 8));
  p = madd(p, r, constant(EXP, 9));
  p = madd(p, r, constant(EXP, 10));
  p = madd(p, r, constant(EXP, 11));
  return madd(p, f32x4.mul(r, r), r);
}

/** 2ⁿ for a normal result; of n only the low bits count. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), one());
}

/** eˣ = 2ⁿ eʳ, |r| ≤ ½ ln 2. At most 1 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, constant(EXP, 0)), constant(EXP, 1)); // NaN passes
  const shifted = shiftedPower(bounded);
  const p = f32x4.add(expm1Reduced(bounded, shifted), one());
  // n from -150 to 128 reaches beyond the exponents of one f32: 2ⁿ in two factors.
  const n = i32x4.sub(shifted, constant(EXP, 3));
  const first = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(first)), powerOfTwo(i32x4.sub(n, first)));
}

/** Cephes logf. Least normal, 2²³, √½, ln 2 in two parts, the polynomial, ∞. */
const LOG = memory.data<f32>([
  1.17549435e-38, 8388608.0, 0.70710678118654752, 0.693359375, -2.12194440e-4,
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, Infinity,
]);
const LOG_BITS = memory.data<i32>([23, 0x7fffff]);

/** ln x: x = 2ᵉ m, √½ ≤ m < √2. At most 2 ulp; log 0 = -∞, of negatives NaN. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(LOG, 0));
  const normal = v128.bitselect(f32x4.mul(x, constant(LOG, 1)), x, subnormal);
  const root = constant(LOG, 2);
  const above = i32x4.sub(normal, root);
  const exponent = i32x4.sub(i32x4.shr_s(above, 23), v128.and(subnormal, constant(LOG_BITS, 0)));
  const e = f32x4.convert_i32x4_s(exponent);
  const m = f32x4.sub(i32x4.add(v128.and(above, constant(LOG_BITS, 1)), root), one());
  let p = madd(constant(LOG, 5), m, constant(LOG, 6));
  p = madd(p, m, constant(LOG, 7));
  p = madd(p, m, constant(LOG, 8));
  p = madd(p, m, constant(LOG, 9));
  p = madd(p, m, constant(LOG, 10));
  p = madd(p, m, constant(LOG, 11));
  p = madd(p, m, constant(LOG, 12));
  p = madd(p, m, constant(LOG, 13));
  const square = f32x4.mul(m, m);
  p = madd(e, constant(LOG, 4), f32x4.mul(f32x4.mul(p, m), square));
  p = f32x4.add(m, nmadd(half(), square, p));
  p = madd(e, constant(LOG, 3), p);
  const zero = f32x4.splat(0);
  const infinite = constant(LOG, 14);
  p = v128.bitselect(p, x, f32x4.lt(x, infinite)); // ∞ and NaN pass
  p = v128.bitselect(f32x4.neg(infinite), p, f32x4.eq(x, zero));
  return v128.or(p, f32x4.lt(x, zero)); // all ones is a NaN
}

/** 1 / (1 + e⁻ˣ), by way of e^-|x|, which can't overflow. At most 3 ulp. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const sum = f32x4.add(one(), e);
  return f32x4.div(v128.bitselect(e, one(), i32x4.shr_s(x, 31)), sum);
}

/** -2 and the bound below which e²ˣ - 1 is -1. */
const TANH = memory.data<f32>([-2.0, -20.0]);

/** tanh |x| = -e / (2 + e), e = exp(-2|x|) - 1, with the sign of x. At most 2 ulp. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const minusTwo = constant(TANH, 0);
  const doubled = f32x4.pmax(f32x4.mul(f32x4.abs(x), minusTwo), constant(TANH, 1)); // NaN passes
  const shifted = shiftedPower(doubled);
  const scale = powerOfTwo(shifted);
  const e = madd(expm1Reduced(doubled, shifted), scale, f32x4.sub(scale, one()));
  return copySign(f32x4.div(e, f32x4.sub(minusTwo, e)), x);
}

/** N. Juffa's erff (stackoverflow.com/a/35148199): where the halves meet, the outer exponent's polynomial, the inner one. */
const ERF = memory.data<f32>([
  0.927734375,
  -1.72853470e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1, -1.28717512e-1,
  -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1,
]);

/** erf x: x + x p(x²) near 0, sign(x) (1 - exp(-|x| + |x| q(|x|))) elsewhere. */
// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  const t = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let q = madd(constant(ERF, 1), t, constant(ERF, 2));
  q = madd(q, s, madd(constant(ERF, 3), t, constant(ERF, 4)));
  q = madd(q, t, constant(ERF, 5));
  q = madd(q, t, constant(ERF, 6));
  q = madd(q, t, constant(ERF, 7));
  q = f32x4.sub(one(), exp(f32x4.sub(f32x4.mul(q, t), t)));
  let p = madd(constant(ERF, 8), s, constant(ERF, 9));
  p = madd(p, s, constant(ERF, 10));
  p = madd(p, s, constant(ERF, 11));
  p = madd(p, s, constant(ERF, 12));
  p = madd(p, s, constant(ERF, 13));
  return v128.bitselect(copySign(q, x), madd(p, x, x), f32x4.gt(t, constant(ERF, 0)));
}

/** √½, 1/√(2π), 2√(2/π), 0.044715, 3 · 0.044715, 1.702, and a bound beyond which every derivative is 0 or 1. */
const GELU = memory.data<f32>([0.70710678118654752, 0.39894228040143268, 1.59576912160573071, 0.044715, 0.134145, 1.702, 64.0]);

/** x kept within ±64, so that no square or cube overflows. NaN passes. */
// @ts-ignore: decorator
@inline
function clampArgument(x: v128): v128 {
  const bound = constant(GELU, 6);
  return f32x4.pmax(f32x4.pmin(x, bound), f32x4.neg(bound));
}

/** Of x σ(u), u a function of x: σ(u) + x σ(u) (1 - σ(u)) u'. */
// @ts-ignore: decorator
@inline
function gateDerivative(x: v128, u: v128, slope: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(u)));
  const inverse = f32x4.div(one(), f32x4.add(one(), e));
  const gate = f32x4.mul(v128.bitselect(e, one(), i32x4.shr_s(u, 31)), inverse);
  return madd(f32x4.mul(f32x4.mul(e, inverse), inverse), f32x4.mul(x, slope), gate);
}

/** x Φ(x) = ½ x (1 + erf(x/√2)). Hendrycks & Gimpel 2016. */
// @ts-ignore: decorator
@inline
export function gelu(x: v128): v128 {
  const h = f32x4.mul(x, half());
  return madd(h, erf(f32x4.mul(x, constant(GELU, 0))), h);
}

/** Φ(x) + x φ(x), φ the normal density. */
// @ts-ignore: decorator
@inline
export function geluDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  const cumulative = madd(half(), erf(f32x4.mul(bounded, constant(GELU, 0))), half());
  const density = f32x4.mul(exp(f32x4.mul(f32x4.mul(bounded, bounded), f32x4.neg(half()))), constant(GELU, 1));
  return madd(bounded, density, cumulative);
}

/** 2 √(2/π) (x + 0.044715 x³) */
// @ts-ignore: decorator
@inline
function geluTanhArgument(x: v128): v128 {
  return f32x4.mul(f32x4.mul(x, constant(GELU, 2)), madd(f32x4.mul(x, x), constant(GELU, 3), one()));
}

/** ½ x (1 + tanh u) = x σ(2u), u = √(2/π)(x + 0.044715 x³). Hendrycks & Gimpel 2016, section 2. */
// @ts-ignore: decorator
@inline
export function geluTanh(x: v128): v128 {
  return f32x4.mul(x, sigmoid(geluTanhArgument(x)));
}

/** 2u' = 2 √(2/π)(1 + 3 · 0.044715 x²) */
// @ts-ignore: decorator
@inline
export function geluTanhDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  const slope = f32x4.mul(constant(GELU, 2), madd(f32x4.mul(bounded, bounded), constant(GELU, 4), one()));
  return gateDerivative(bounded, geluTanhArgument(bounded), slope);
}

/** x σ(x), the sigmoid linear unit. Hendrycks & Gimpel 2016, section 4. */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(x));
}

// @ts-ignore: decorator
@inline
export function siluDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  return gateDerivative(bounded, bounded, one());
}

/** x σ(1.702 x), CLIP's GELU. Hendrycks & Gimpel 2016, section 2. */
// @ts-ignore: decorator
@inline
export function quickGelu(x: v128): v128 {
  return f32x4.mul(x, sigmoid(f32x4.mul(x, constant(GELU, 5))));
}

// @ts-ignore: decorator
@inline
export function quickGeluDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  return gateDerivative(bounded, f32x4.mul(bounded, constant(GELU, 5)), constant(GELU, 5));
}
