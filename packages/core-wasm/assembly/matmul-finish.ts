/**
 * What follows a product: activation(y + bias) + residual, on a tile of y (rows × 8) that is still in the first cache.
 * Eight columns always; matmul.ts pads a tile that has fewer.
 */
import { gelu, geluTanh, quickGelu, silu, tanh } from "./simd/math";

const NONE: i32 = 0;
const RELU: i32 = 1;
const GELU: i32 = 2;
const GELU_TANH: i32 = 3;
const QUICK_GELU: i32 = 4;
const SILU: i32 = 5;
const TANH: i32 = 6;

// @ts-ignore: decorator
@inline
function activate(activation: i32, x: v128): v128 {
  if (activation == RELU) return f32x4.max(x, f32x4.splat(0));
  if (activation == GELU) return gelu(x);
  if (activation == GELU_TANH) return geluTanh(x);
  if (activation == QUICK_GELU) return quickGelu(x);
  if (activation == SILU) return silu(x);
  if (activation == TANH) return tanh(x);
  return x;
}

/** Inlined with a constant activation: one loop each, nothing to decide inside. */
// @ts-ignore: decorator
@inline
function finishRows(activation: i32, rows: i32, y: usize, yStep: usize, bias: usize, residual: usize, residualStep: usize): void {
  const zero = f32x4.splat(0);
  const left = bias ? v128.load(bias) : zero;
  const right = bias ? v128.load(bias, 16) : zero;
  for (; rows > 0; rows--, y += yStep) {
    let x0 = activate(activation, f32x4.add(v128.load(y), left));
    let x1 = activate(activation, f32x4.add(v128.load(y, 16), right));
    if (residual) {
      x0 = f32x4.add(x0, v128.load(residual));
      x1 = f32x4.add(x1, v128.load(residual, 16));
      residual += residualStep;
    }
    v128.store(y, x0);
    v128.store(y, x1, 16);
  }
}

/** Steps from row to row in bytes; bias and residual are pointers or 0. */
export function finish(activation: i32, rows: i32, y: usize, yStep: usize, bias: usize, residual: usize, residualStep: usize): void {
  if (activation == RELU) finishRows(RELU, rows, y, yStep, bias, residual, residualStep);
  else if (activation == GELU) finishRows(GELU, rows, y, yStep, bias, residual, residualStep);
  else if (activation == GELU_TANH) finishRows(GELU_TANH, rows, y, yStep, bias, residual, residualStep);
  else if (activation == QUICK_GELU) finishRows(QUICK_GELU, rows, y, yStep, bias, residual, residualStep);
  else if (activation == SILU) finishRows(SILU, rows, y, yStep, bias, residual, residualStep);
  else if (activation == TANH) finishRows(TANH, rows, y, yStep, bias, residual, residualStep);
  else if (bias || residual) finishRows(NONE, rows, y, yStep, bias, residual, residualStep);
}
