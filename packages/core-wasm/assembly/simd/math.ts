/**
 * exp, log, tanh, erf, sigmoid and the activations made of them, on four lanes. NaN stays NaN, ±∞ give the limits that float64 gives.
 * The errors named below are the largest over every 601st f32, against float64.
 *
 * Constants are loaded from static data where they are used: one broadcasting load each, where V8 would rebuild a v128 constant anew in
 * every turn of a loop. Polynomials are split (Estrin 1960), as a processor that runs several instructions at once waits on chains.
 * Tails: pad a vector (loadTail) and run the same lanes, then an element's bits don't depend on its place.
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

/** a where the mask's lane is all ones, b where it is all zeros. */
// @ts-ignore: decorator
@inline
function select(a: v128, b: v128, mask: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_laneselect<i32>(a, b, mask) : v128.bitselect(a, b, mask);
}

/** The magnitude of x with the sign of y. */
// @ts-ignore: decorator
@inline
function copySign(x: v128, y: v128): v128 {
  return v128.bitselect(y, x, constant(COMMON, 2));
}

/**
 * Cephes expf (Moshier 1989): log₂e, 1.5 · 2²³ to round with, ln 2 in two parts, the polynomial from the highest power;
 * then the bounds of exp and of expNegative.
 */
const EXP = memory.data<f32>([
  1.44269504088896341, 12582912.0, 0.693359375, -2.12194440e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  89.0, -104.0, -87.33654,
]);

/** x / ln 2 rounded to a whole number n, which stands in the low bits. */
// @ts-ignore: decorator
@inline
function shiftedPower(x: v128): v128 {
  return madd(x, constant(EXP, 0), constant(EXP, 1));
}

/** eʳ - 1, r = x - n ln 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, constant(EXP, 1));
  const r = nmadd(n, constant(EXP, 3), nmadd(n, constant(EXP, 2), x));
  const square = f32x4.mul(r, r);
  const high = madd(constant(EXP, 4), r, constant(EXP, 5));
  const middle = madd(constant(EXP, 6), r, constant(EXP, 7));
  const low = madd(constant(EXP, 8), r, constant(EXP, 9));
  return madd(madd(madd(high, square, middle), square, low), square, r);
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
  const bounded = f32x4.pmax(f32x4.pmin(x, constant(EXP, 10)), constant(EXP, 11)); // NaN passes
  const shifted = shiftedPower(bounded);
  const p = f32x4.add(expm1Reduced(bounded, shifted), one());
  // n from -150 to 128 reaches beyond the exponents of one f32: 2ⁿ in two factors.
  const n = i32x4.sub(shifted, constant(EXP, 1));
  const first = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(first)), powerOfTwo(i32x4.sub(n, first)));
}

/** eˣ where the result is a normal f32: -87.3 ≤ x ≤ 88. */
// @ts-ignore: decorator
@inline
function expNormal(x: v128): v128 {
  const shifted = shiftedPower(x);
  const scale = powerOfTwo(shifted);
  return madd(expm1Reduced(x, shifted), scale, scale);
}

/** eˣ for x ≤ 0, cheaper: results below the least normal f32 are 0. At most 1 ulp. */
// @ts-ignore: decorator
@inline
export function expNegative(x: v128): v128 {
  return v128.andnot(expNormal(x), f32x4.lt(x, constant(EXP, 12)));
}

/** Cephes logf: the polynomial from the highest power, ln 2 in two parts, √½, least normal, 2²³, ∞. */
const LOG = memory.data<f32>([
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
  0.693359375, -2.12194440e-4, 0.70710678118654752, 1.17549435e-38, 8388608.0, Infinity,
]);
const LOG_BITS = memory.data<i32>([23, 0x7fffff]);

/** ln x: x = 2ᵉ (1 + m), √½ ≤ 1 + m < √2. At most 1 ulp; log 0 = -∞, of negatives NaN. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, constant(LOG, 12));
  const normal = select(f32x4.mul(x, constant(LOG, 13)), x, subnormal);
  const root = constant(LOG, 11);
  const above = i32x4.sub(normal, root);
  const exponent = i32x4.sub(i32x4.shr_s(above, 23), v128.and(subnormal, constant(LOG_BITS, 0)));
  const e = f32x4.convert_i32x4_s(exponent);
  const m = f32x4.sub(i32x4.add(v128.and(above, constant(LOG_BITS, 1)), root), one());
  const square = f32x4.mul(m, m);
  const cube = f32x4.mul(square, m);
  const high = madd(madd(constant(LOG, 0), m, constant(LOG, 1)), m, constant(LOG, 2));
  const middle = madd(madd(constant(LOG, 3), m, constant(LOG, 4)), m, constant(LOG, 5));
  const low = madd(madd(constant(LOG, 6), m, constant(LOG, 7)), m, constant(LOG, 8));
  const p = madd(e, constant(LOG, 10), f32x4.mul(madd(madd(high, cube, middle), cube, low), cube));
  let y = madd(e, constant(LOG, 9), f32x4.add(m, nmadd(half(), square, p)));
  const infinite = constant(LOG, 14);
  const zero = f32x4.splat(0);
  y = select(y, x, f32x4.lt(x, infinite)); // ∞ and NaN pass
  y = select(f32x4.neg(infinite), y, f32x4.eq(x, zero));
  return v128.or(y, f32x4.lt(x, zero)); // all ones is a NaN
}

/** 1 / (1 + e⁻ˣ), by way of e^-|x|, which can't overflow. At most 3 ulp; below -87.3 it is 0. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const e = expNegative(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(select(e, one(), i32x4.shr_s(x, 31)), f32x4.add(one(), e));
}

/** -2, and the bound below which eˣ - 1 is -1. */
const TANH = memory.data<f32>([-2.0, -20.0]);

/** tanh |x| = -e / (2 + e), e = exp(-2|x|) - 1, with the sign of x. At most 2.5 ulp. */
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

/** N. Juffa (stackoverflow.com/questions/35148198): where the halves meet, outer and inner polynomial from the highest power, 4. */
const ERF = memory.data<f32>([
  0.927734375,
  -1.72853470e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1, -1.28717512e-1,
  -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1,
  4.0,
]);

/** erf x: x + x p(x²) near 0, sign(x) (1 - exp(|x| q(|x|) - |x|)) elsewhere, ±1 from 4 on. At most 1.2 ulp. */
// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), constant(ERF, 14)); // NaN passes
  const s = f32x4.mul(t, t);
  const top = madd(constant(ERF, 1), s, madd(constant(ERF, 2), t, constant(ERF, 3)));
  const q = madd(madd(top, s, madd(constant(ERF, 4), t, constant(ERF, 5))), s, madd(constant(ERF, 6), t, constant(ERF, 7)));
  const outer = f32x4.sub(one(), expNormal(f32x4.sub(f32x4.mul(q, t), t)));
  const fourth = f32x4.mul(s, s);
  const high = madd(constant(ERF, 8), s, constant(ERF, 9));
  const middle = madd(constant(ERF, 10), s, constant(ERF, 11));
  const low = madd(constant(ERF, 12), s, constant(ERF, 13));
  const p = madd(madd(high, fourth, middle), fourth, low);
  return select(copySign(outer, x), madd(p, x, x), f32x4.gt(t, constant(ERF, 0)));
}

/**
 * ln Φ(-t), Φ the normal distribution: a weighted minimax polynomial on [0, 5.7], fitted in float64 (Lawson's iteration), constant term
 * first; it falls off faster beyond. Then a bound from which Φ(-t) is 0.
 */
const NORMAL_TAIL = memory.data<f32>([
  -6.93147119e-1, -7.97887633e-1, -3.18284853e-1, -3.64142298e-2, 4.90567356e-3, -7.03860871e-5,
  -1.61449731e-4, 4.39923003e-5, -6.12109120e-6, 4.62793934e-7, -1.50213499e-8,
  14.0,
]);

/** Φ(-t) = ½ erfc(t/√2) for 0 ≤ t ≤ 14. Relative error at most 3e-7 below 1, 4e-6 below 5. */
// @ts-ignore: decorator
@inline
function normalTail(t: v128): v128 {
  const s = f32x4.mul(t, t);
  const fourth = f32x4.mul(s, s);
  const p0 = madd(constant(NORMAL_TAIL, 1), t, constant(NORMAL_TAIL, 0));
  const p2 = madd(constant(NORMAL_TAIL, 3), t, constant(NORMAL_TAIL, 2));
  const p4 = madd(constant(NORMAL_TAIL, 5), t, constant(NORMAL_TAIL, 4));
  const p6 = madd(constant(NORMAL_TAIL, 7), t, constant(NORMAL_TAIL, 6));
  const p8 = madd(constant(NORMAL_TAIL, 9), t, constant(NORMAL_TAIL, 8));
  const high = madd(madd(constant(NORMAL_TAIL, 10), s, p8), fourth, madd(p6, s, p4));
  return expNegative(madd(high, fourth, madd(p2, s, p0)));
}

/** x Φ(x) = max(x, 0) - |x| Φ(-|x|), Φ(x) = ½ (1 + erf(x/√2)). Hendrycks & Gimpel 2016. Absolute error at most 6e-8 or 1 ulp. */
// @ts-ignore: decorator
@inline
export function gelu(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), constant(NORMAL_TAIL, 11)); // NaN passes
  return nmadd(t, normalTail(t), f32x4.pmax(x, f32x4.splat(0)));
}

/** 1/√(2π), 2√(2/π), 0.044715, 3 · 0.044715, 1.702, and a bound beyond which every derivative is 0 or 1. */
const GELU = memory.data<f32>([0.39894228040143268, 1.59576912160573071, 0.044715, 0.134145, 1.702, 89.0]);

/** x kept within ±89, so that no square or cube overflows. NaN passes. */
// @ts-ignore: decorator
@inline
function clampArgument(x: v128): v128 {
  const bound = constant(GELU, 5);
  return f32x4.pmax(f32x4.pmin(x, bound), f32x4.neg(bound));
}

/** x from -89 on: below, x σ(u) is 0, and -∞ · 0 would be NaN. */
// @ts-ignore: decorator
@inline
function clampBelow(x: v128): v128 {
  return f32x4.pmax(x, f32x4.neg(constant(GELU, 5)));
}

/** The derivative of gelu: Φ(x) + x φ(x), φ the normal density. */
// @ts-ignore: decorator
@inline
export function geluDerivative(x: v128): v128 {
  const bound = constant(NORMAL_TAIL, 11);
  const t = f32x4.pmin(f32x4.abs(x), bound);
  const tail = normalTail(t);
  const cumulative = select(tail, f32x4.sub(one(), tail), i32x4.shr_s(x, 31));
  const density = f32x4.mul(expNegative(f32x4.mul(f32x4.mul(t, t), f32x4.neg(half()))), constant(GELU, 0));
  return madd(copySign(t, x), density, cumulative);
}

/** Of x σ(u), u a function of x: σ(u) + x σ(u) (1 - σ(u)) u'. */
// @ts-ignore: decorator
@inline
function gateDerivative(x: v128, u: v128, slope: v128): v128 {
  const e = expNegative(f32x4.neg(f32x4.abs(u)));
  const inverse = f32x4.div(one(), f32x4.add(one(), e));
  const gate = f32x4.mul(select(e, one(), i32x4.shr_s(u, 31)), inverse);
  return madd(f32x4.mul(f32x4.mul(e, inverse), inverse), f32x4.mul(x, slope), gate);
}

/** 2 √(2/π) (x + 0.044715 x³) */
// @ts-ignore: decorator
@inline
function geluTanhArgument(x: v128): v128 {
  return f32x4.mul(f32x4.mul(x, constant(GELU, 1)), madd(f32x4.mul(x, x), constant(GELU, 2), one()));
}

/** ½ x (1 + tanh u) = x σ(2u), u = √(2/π)(x + 0.044715 x³). Hendrycks & Gimpel 2016, section 2. */
// @ts-ignore: decorator
@inline
export function geluTanh(x: v128): v128 {
  const bounded = clampBelow(x);
  return f32x4.mul(bounded, sigmoid(geluTanhArgument(bounded)));
}

/** The derivative of geluTanh; 2u' = 2 √(2/π)(1 + 3 · 0.044715 x²). */
// @ts-ignore: decorator
@inline
export function geluTanhDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  const slope = f32x4.mul(constant(GELU, 1), madd(f32x4.mul(bounded, bounded), constant(GELU, 3), one()));
  return gateDerivative(bounded, geluTanhArgument(bounded), slope);
}

/** x σ(1.702 x), CLIP's GELU. Hendrycks & Gimpel 2016, section 2. */
// @ts-ignore: decorator
@inline
export function quickGelu(x: v128): v128 {
  const bounded = clampBelow(x);
  return f32x4.mul(bounded, sigmoid(f32x4.mul(bounded, constant(GELU, 4))));
}

/** The derivative of quickGelu. */
// @ts-ignore: decorator
@inline
export function quickGeluDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  return gateDerivative(bounded, f32x4.mul(bounded, constant(GELU, 4)), constant(GELU, 4));
}

/** x σ(x), the sigmoid linear unit. Hendrycks & Gimpel 2016, section 4. */
// @ts-ignore: decorator
@inline
export function silu(x: v128): v128 {
  const bounded = clampBelow(x);
  return f32x4.mul(bounded, sigmoid(bounded));
}

/** The derivative of silu. */
// @ts-ignore: decorator
@inline
export function siluDerivative(x: v128): v128 {
  const bounded = clampArgument(x);
  return gateDerivative(bounded, bounded, one());
}

/** ln(1 + e^-|x|): what softplus and the binary cross-entropy add to a ramp. */
// @ts-ignore: decorator
@inline
export function softCorner(x: v128): v128 {
  return log(f32x4.add(one(), expNegative(f32x4.neg(f32x4.abs(x)))));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^-|x|). Absolute error at most 1 ulp of 1; the derivative is sigmoid. */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), softCorner(x));
}
