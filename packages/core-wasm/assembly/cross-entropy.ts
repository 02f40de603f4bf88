/**
 * Cross-entropy of logits x (rows, C) with one label t a row, PyTorch's form with label smoothing ε (Szegedy et al. 2016):
 *
 *   loss = (1 - ε)(lse - x_t) + ε(lse - Σ_c x_c/C),  lse = ln Σ_c e^(x_c)
 *   dx_c = dloss·(e^(x_c - lse) - (1 - ε)[c = t] - ε/C)
 *
 * Rows whose label is ignoreIndex have loss 0 and gradient 0; averaging is the caller's, through dloss. Labels are i32 and aren't
 * checked. Sums are kept in f64. Units: rows. Tails: missing lanes are -∞.
 */
import { Floats, FloatsOut, Ints } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { expNegative, log } from "./simd/math";
import { rowMax } from "./simd/rows";
import { rowSum, rowSumExp } from "./simd/wide";

/**
 * loss (rows) and logSumExp (rows), which the gradient needs. Units: rows.
 * @units rows
 * @cost 8 * classes
 */
export function crossEntropy(
  logits: Floats, labels: Ints, loss: FloatsOut, logSumExp: FloatsOut, classes: i32, ignoreIndex: i32, smoothing: f32,
  begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const x = logits + (<usize>(row * classes) << 2);
    const label = load<i32>(labels + (<usize>row << 2));
    const highest = rowMax(x, classes);
    const logSum = f32x4.extract_lane(log(f32x4.splat(<f32>rowSumExp(x, highest, classes))), 0);
    let value: f32 = 0;
    if (label != ignoreIndex) {
      // Relative to the maximum, so that large logits lose nothing.
      value = (1 - smoothing) * (logSum - (load<f32>(x + (<usize>label << 2)) - highest));
      if (smoothing != 0) value += smoothing * (logSum - <f32>(rowSum(x, classes) / <f64>classes - <f64>highest));
    }
    store<f32>(loss + (<usize>row << 2), value);
    store<f32>(logSumExp + (<usize>row << 2), highest + logSum);
  }
}

/**
 * dlogits (rows, C) from dloss (rows). dlogits may be logits. Units: rows.
 * @units rows
 * @cost 8 * classes
 */
export function crossEntropyBackward(
  logits: Floats, labels: Ints, logSumExp: Floats, dloss: Floats, dlogits: FloatsOut, classes: i32, ignoreIndex: i32,
  smoothing: f32, begin: i32, end: i32,
): void {
  const uniform = f32x4.splat(smoothing / <f32>classes);
  for (let row = begin; row < end; row++) {
    const first = <usize>(row * classes) << 2;
    const label = load<i32>(labels + (<usize>row << 2));
    if (label == ignoreIndex) {
      memory.fill(dlogits + first, 0, <usize>classes << 2);
      continue;
    }
    const factor = load<f32>(dloss + (<usize>row << 2));
    const scale = f32x4.splat(factor);
    const shift = f32x4.splat(load<f32>(logSumExp + (<usize>row << 2)));
    for (let i = 0; i < classes; i += 4) {
      const lanes = min(4, classes - i);
      const o = first + (<usize>i << 2);
      const p = expNegative(f32x4.sub(loadTail(logits + o, lanes, -Infinity), shift));
      storeTail(dlogits + o, f32x4.mul(scale, f32x4.sub(p, uniform)), lanes);
    }
    const target = dlogits + first + (<usize>label << 2);
    store<f32>(target, load<f32>(target) - factor * (1 - smoothing));
  }
}
