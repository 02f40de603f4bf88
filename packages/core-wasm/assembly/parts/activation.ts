/**
 * The one home of activations: each one's value, its gradient, and the loops that apply them, by themselves (activate.ts) and to a product
 * whose tile is still in the first cache (matmul.ts, int8-matmul.ts). The maths of what is more than a line is in simd/math.ts.
 *
 *   relu       y = max(x, 0)
 *   gelu       y = x·Φ(x) = ½x(1 + erf(x/√2))              BERT, ViT, MAE, Swin; Hendrycks & Gimpel 2016
 *   geluTanh   y = ½x(1 + tanh(√(2/π)(x + 0.044715x³)))    FNet, the original Mixer
 *   quickGelu  y = x·σ(1.702x)                             CLIP
 *   silu       y = x·σ(x), also known as swish             σ(x) = 1/(1 + e⁻ˣ)
 *   tanh
 *   sigmoid    y = σ(x)
 *   softplus   y = ln(1 + eˣ)                              its gradient is σ
 *
 * Every loop is made once for each activation: none decides anything inside. NaN propagates.
 */
import { loadTail, storeTail } from "../simd/lanes";
import {
  gelu, geluDerivative, geluTanh, geluTanhDerivative, quickGelu, quickGeluDerivative, sigmoid, silu, siluDerivative, softplus, tanh,
} from "../simd/math";

export const enum Activation {
  None,
  Relu,
  Gelu,
  GeluTanh,
  QuickGelu,
  Silu,
  Tanh,
  Sigmoid,
  Softplus,
}

/** Of kernels that can do without: None where the argument is left out. */
export type OptionalActivation = Activation;

/** y from x. */
// @ts-ignore: decorator
@inline
function value(activation: Activation, x: v128): v128 {
  if (activation == Activation.Relu) return f32x4.pmax(x, f32x4.splat(0)); // x < 0 ? 0 : x, so NaN passes
  if (activation == Activation.Gelu) return gelu(x);
  if (activation == Activation.GeluTanh) return geluTanh(x);
  if (activation == Activation.QuickGelu) return quickGelu(x);
  if (activation == Activation.Silu) return silu(x);
  if (activation == Activation.Tanh) return tanh(x);
  if (activation == Activation.Sigmoid) return sigmoid(x);
  if (activation == Activation.Softplus) return softplus(x);
  return x;
}

const ONE = memory.data<f32>([1]);

/** dx from dy and what was saved: y of tanh and sigmoid (tanh′ = 1 - y², σ′ = y(1 - y)), x of all others. */
// @ts-ignore: decorator
@inline
function gradient(activation: Activation, saved: v128, dy: v128): v128 {
  const one = v128.load_splat<f32>(ONE);
  if (activation == Activation.Relu) return v128.andnot(dy, f32x4.le(saved, f32x4.splat(0)));
  if (activation == Activation.Gelu) return f32x4.mul(dy, geluDerivative(saved));
  if (activation == Activation.GeluTanh) return f32x4.mul(dy, geluTanhDerivative(saved));
  if (activation == Activation.QuickGelu) return f32x4.mul(dy, quickGeluDerivative(saved));
  if (activation == Activation.Silu) return f32x4.mul(dy, siluDerivative(saved));
  if (activation == Activation.Tanh) return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, saved), f32x4.add(one, saved)));
  if (activation == Activation.Sigmoid) return f32x4.mul(dy, f32x4.mul(saved, f32x4.sub(one, saved)));
  if (activation == Activation.Softplus) return f32x4.mul(dy, sigmoid(saved));
  return dy;
}

// @ts-ignore: decorator
@inline
function forwardLoop(activation: Activation, x: usize, y: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(y + i, value(activation, v128.load(x + i)));
  if (rest) storeTail(y + i, value(activation, loadTail(x + i, rest, 0)), rest);
}

// @ts-ignore: decorator
@inline
function backwardLoop(activation: Activation, saved: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(dx + i, gradient(activation, v128.load(saved + i), v128.load(dy + i)));
  if (rest) storeTail(dx + i, gradient(activation, loadTail(saved + i, rest, 0), loadTail(dy + i, rest, 0)), rest);
}

/** y = f(y + bias), `rows` rows of eight columns. */
// @ts-ignore: decorator
@inline
function tileLoop(activation: Activation, y: usize, yStep: usize, bias: usize, rows: i32): void {
  const zero = f32x4.splat(0);
  const left = bias ? v128.load(bias) : zero;
  const right = bias ? v128.load(bias, 16) : zero;
  for (; rows > 0; rows--, y += yStep) {
    v128.store(y, value(activation, f32x4.add(v128.load(y), left)));
    v128.store(y, value(activation, f32x4.add(v128.load(y, 16), right)), 16);
  }
}

const FORWARD: i32 = 0;
const BACKWARD: i32 = 1;
const TILE: i32 = 2;

// @ts-ignore: decorator
@inline
function loop(kind: i32, activation: Activation, a: usize, b: usize, c: usize, m: i32, n: i32): void {
  if (kind == FORWARD) forwardLoop(activation, a, b, m, n);
  else if (kind == BACKWARD) backwardLoop(activation, a, b, c, m, n);
  else tileLoop(activation, a, b, c, m);
}

/** The loop of that kind which was made for the activation. Inlined with a constant kind. */
// @ts-ignore: decorator
@inline
function choose(kind: i32, activation: Activation, a: usize, b: usize, c: usize, m: i32, n: i32): void {
  if (activation == Activation.Relu) loop(kind, Activation.Relu, a, b, c, m, n);
  else if (activation == Activation.Gelu) loop(kind, Activation.Gelu, a, b, c, m, n);
  else if (activation == Activation.GeluTanh) loop(kind, Activation.GeluTanh, a, b, c, m, n);
  else if (activation == Activation.QuickGelu) loop(kind, Activation.QuickGelu, a, b, c, m, n);
  else if (activation == Activation.Silu) loop(kind, Activation.Silu, a, b, c, m, n);
  else if (activation == Activation.Tanh) loop(kind, Activation.Tanh, a, b, c, m, n);
  else if (activation == Activation.Sigmoid) loop(kind, Activation.Sigmoid, a, b, c, m, n);
  else if (activation == Activation.Softplus) loop(kind, Activation.Softplus, a, b, c, m, n);
  else loop(kind, Activation.None, a, b, c, m, n);
}

/** y = f(x) from element `begin` to `end`. */
export function forward(activation: Activation, x: usize, y: usize, begin: i32, end: i32): void {
  choose(FORWARD, activation, x, y, 0, begin, end);
}

/** dx = dy·f′ from element `begin` to `end`. */
export function backward(activation: Activation, saved: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  choose(BACKWARD, activation, saved, dy, dx, begin, end);
}

/** What follows a product: y = f(y + bias) on a tile, rows yStep bytes apart, columns a multiple of eight; bias is a pointer or 0. */
export function finish(activation: Activation, rows: i32, columns: i32, y: usize, yStep: usize, bias: usize): void {
  if (activation == Activation.None && !bias) return;
  for (; columns > 0; columns -= 8, y += 32) {
    choose(TILE, activation, y, yStep, bias, rows, 0);
    if (bias) bias += 32;
  }
}
