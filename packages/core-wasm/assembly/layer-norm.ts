/**
 * Layer normalisation over the last axis of x (rows, columns) (Ba, Kiros & Hinton 2016), biased variance, ε inside the root:
 *
 *   x̂ = (x - μ)·ρ,  ρ = 1/√(σ² + ε),  y = w·x̂ + b
 *   dx = ρ(g - mean g - x̂·mean(g·x̂)),  g = w·dy          dw = Σ_rows dy·x̂,  db = Σ_rows dy
 *
 * μ is summed in f64 and σ² from x - μ, so that a constant row gives exactly 0 and ε = 1e-12 counts for what it is.
 * y may be x, and dx may be dy. Tails: missing lanes add nothing to any sum.
 */
import { Floats, FloatsOut, OptionalFloats, OptionalFloatsOut } from "./parts/operands";
import { loadTail, storeTail, sumLanes } from "./simd/lanes";
import { madd } from "./simd/madd";
import { narrow, rowSum, wideHigh, wideLow } from "./simd/wide";

/** Σ (x - μ)² of a row. */
function squaredDeviations(x: usize, mean: f32, columns: i32): f32 {
  const m = f32x4.splat(mean);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let i = 0;
  for (; i + 8 <= columns; i += 8, x += 32) {
    const d0 = f32x4.sub(v128.load(x), m);
    const d1 = f32x4.sub(v128.load(x, 16), m);
    s0 = madd(d0, d0, s0);
    s1 = madd(d1, d1, s1);
  }
  for (; i < columns; i += 4, x += 16) {
    const d = f32x4.sub(loadTail(x, min(4, columns - i), mean), m);
    s0 = madd(d, d, s0);
  }
  return sumLanes(f32x4.add(s0, s1));
}

/**
 * weight, bias (columns), mean and rstd (rows, what layerNormBackward needs) are optional. Units: rows.
 * @units rows
 * @cost 4 * columns
 */
export function layerNorm(
  x: Floats, weight: OptionalFloats, bias: OptionalFloats, y: FloatsOut, mean: OptionalFloatsOut, rstd: OptionalFloatsOut,
  columns: i32, epsilon: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const source = x + (<usize>(row * columns) << 2);
    const target = y + (<usize>(row * columns) << 2);
    const mu = <f32>(rowSum(source, columns) / <f64>columns);
    const rho: f32 = 1 / sqrt(squaredDeviations(source, mu, columns) / <f32>columns + epsilon);
    if (mean) store<f32>(mean + (<usize>row << 2), mu);
    if (rstd) store<f32>(rstd + (<usize>row << 2), rho);
    const m = f32x4.splat(mu);
    const r = f32x4.splat(rho);
    let i = 0;
    if (weight && bias) {
      for (; i + 4 <= columns; i += 4) {
        const o = <usize>i << 2;
        const normal = f32x4.mul(f32x4.sub(v128.load(source + o), m), r);
        v128.store(target + o, madd(normal, v128.load(weight + o), v128.load(bias + o)));
      }
    }
    for (; i < columns; i += 4) {
      const lanes = min(4, columns - i);
      const o = <usize>i << 2;
      const normal = f32x4.mul(f32x4.sub(loadTail(source + o, lanes, 0), m), r);
      const w = weight ? loadTail(weight + o, lanes, 0) : f32x4.splat(1);
      const b = bias ? loadTail(bias + o, lanes, 0) : f32x4.splat(0);
      storeTail(target + o, madd(normal, w, b), lanes);
    }
  }
}

/** ρ(g - mean g - (x - μ)·ρ²·mean(g·(x - μ))) */
// @ts-ignore: decorator
@inline
function gradient(g: v128, centred: v128, r: v128, meanG: v128, meanGX: v128): v128 {
  return f32x4.mul(r, f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(centred, meanGX)));
}

/**
 * mean and rstd are layerNorm's; weight is optional. Units: rows.
 * @units rows
 * @cost 8 * columns
 */
export function layerNormBackward(
  x: Floats, weight: OptionalFloats, mean: Floats, rstd: Floats, dy: Floats, dx: FloatsOut, columns: i32, begin: i32, end: i32,
): void {
  const one = f32x4.splat(1);
  const body = weight ? columns & ~3 : 0;
  for (let row = begin; row < end; row++) {
    const source = x + (<usize>(row * columns) << 2);
    const above = dy + (<usize>(row * columns) << 2);
    const target = dx + (<usize>(row * columns) << 2);
    const mu = load<f32>(mean + (<usize>row << 2));
    const m = f32x4.splat(mu);
    const r = v128.load_splat<f32>(rstd + (<usize>row << 2));
    let sumG = f32x4.splat(0);
    let sumGX = sumG;
    let i = 0;
    for (; i < body; i += 4) {
      const o = <usize>i << 2;
      const g = f32x4.mul(v128.load(above + o), v128.load(weight + o));
      sumG = f32x4.add(sumG, g);
      sumGX = madd(g, f32x4.sub(v128.load(source + o), m), sumGX);
    }
    for (; i < columns; i += 4) {
      const lanes = min(4, columns - i);
      const o = <usize>i << 2;
      const g = f32x4.mul(loadTail(above + o, lanes, 0), weight ? loadTail(weight + o, lanes, 0) : one);
      sumG = f32x4.add(sumG, g);
      sumGX = madd(g, f32x4.sub(loadTail(source + o, lanes, mu), m), sumGX);
    }
    const meanG = f32x4.splat(sumLanes(sumG) / <f32>columns);
    const meanGX = f32x4.mul(f32x4.mul(r, r), f32x4.splat(sumLanes(sumGX) / <f32>columns));
    i = 0;
    for (; i < body; i += 4) {
      const o = <usize>i << 2;
      const g = f32x4.mul(v128.load(above + o), v128.load(weight + o));
      v128.store(target + o, gradient(g, f32x4.sub(v128.load(source + o), m), r, meanG, meanGX));
    }
    for (; i < columns; i += 4) {
      const lanes = min(4, columns - i);
      const o = <usize>i << 2;
      const g = f32x4.mul(loadTail(above + o, lanes, 0), weight ? loadTail(weight + o, lanes, 0) : one);
      storeTail(target + o, gradient(g, f32x4.sub(loadTail(source + o, lanes, 0), m), r, meanG, meanGX), lanes);
    }
  }
}

/**
 * dw and db (columns), summed over all rows in f64. Units: columns.
 * @units columns
 * @cost 2 * rows
 */
export function layerNormBackwardWeights(
  x: Floats, mean: Floats, rstd: Floats, dy: Floats, dw: FloatsOut, db: FloatsOut, rows: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  const last = rstd + (<usize>rows << 2);
  const toMean = mean - rstd;
  const zero = f64x2.splat(0);
  let column = begin;
  for (; column + 8 <= end; column += 8) {
    let source = x + (<usize>column << 2);
    let above = dy + (<usize>column << 2);
    let w0 = zero;
    let w1 = zero;
    let w2 = zero;
    let w3 = zero;
    let b0 = zero;
    let b1 = zero;
    let b2 = zero;
    let b3 = zero;
    for (let row = rstd; row < last; row += 4, source += stride, above += stride) {
      const m = v128.load_splat<f32>(row + toMean);
      const r = v128.load_splat<f32>(row);
      const g = v128.load(above);
      const h = v128.load(above, 16);
      const gx = f32x4.mul(g, f32x4.mul(f32x4.sub(v128.load(source), m), r));
      const hx = f32x4.mul(h, f32x4.mul(f32x4.sub(v128.load(source, 16), m), r));
      w0 = f64x2.add(w0, wideLow(gx));
      w1 = f64x2.add(w1, wideHigh(gx));
      w2 = f64x2.add(w2, wideLow(hx));
      w3 = f64x2.add(w3, wideHigh(hx));
      b0 = f64x2.add(b0, wideLow(g));
      b1 = f64x2.add(b1, wideHigh(g));
      b2 = f64x2.add(b2, wideLow(h));
      b3 = f64x2.add(b3, wideHigh(h));
    }
    const o = <usize>column << 2;
    v128.store(dw + o, narrow(w0, w1));
    v128.store(dw + o, narrow(w2, w3), 16);
    v128.store(db + o, narrow(b0, b1));
    v128.store(db + o, narrow(b2, b3), 16);
  }
  for (; column < end; column += 4) {
    const lanes = min(4, end - column);
    const o = <usize>column << 2;
    let source = x + o;
    let above = dy + o;
    let w0 = zero;
    let w1 = zero;
    let b0 = zero;
    let b1 = zero;
    for (let row = rstd; row < last; row += 4, source += stride, above += stride) {
      const m = v128.load_splat<f32>(row + toMean);
      const g = loadTail(above, lanes, 0);
      const gx = f32x4.mul(g, f32x4.mul(f32x4.sub(loadTail(source, lanes, 0), m), v128.load_splat<f32>(row)));
      w0 = f64x2.add(w0, wideLow(gx));
      w1 = f64x2.add(w1, wideHigh(gx));
      b0 = f64x2.add(b0, wideLow(g));
      b1 = f64x2.add(b1, wideHigh(g));
    }
    storeTail(dw + o, narrow(w0, w1), lanes);
    storeTail(db + o, narrow(b0, b1), lanes);
  }
}
