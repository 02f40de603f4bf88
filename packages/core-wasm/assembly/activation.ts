/**
 * relu, tanh, sigmoid and silu, with their gradients. tanh and sigmoid are differentiated from their outputs y (tanh′ = 1 - y²,
 * σ′ = y(1 - y)), relu and silu from their inputs x (silu′ = s(1 + x(1 - s)), s = σ(x)). NaN propagates.
 *
 * Units: elements. y may be x, and dx may be dy. Tails run through the same lanes as the body.
 */
import { loadTail, storeTail } from "./simd/lanes";
import { sigmoid as sigmoidLanes, silu as siluLanes, siluDerivative, tanh as tanhLanes } from "./simd/math";

const RELU: i32 = 0;
const TANH: i32 = 1;
const SIGMOID: i32 = 2;
const SILU: i32 = 3;

// @ts-ignore: decorator
@inline
function value(op: i32, x: v128): v128 {
  if (op == RELU) return f32x4.pmax(x, f32x4.splat(0)); // x < 0 ? 0 : x, so NaN passes
  if (op == TANH) return tanhLanes(x);
  if (op == SIGMOID) return sigmoidLanes(x);
  return siluLanes(x);
}

const ONE = memory.data<f32>([1]);

/** dx from dy and the saved x or y. */
// @ts-ignore: decorator
@inline
function gradient(op: i32, saved: v128, dy: v128): v128 {
  const one = v128.load_splat<f32>(ONE);
  if (op == RELU) return v128.andnot(dy, f32x4.le(saved, f32x4.splat(0)));
  if (op == TANH) return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, saved), f32x4.add(one, saved)));
  if (op == SIGMOID) return f32x4.mul(dy, f32x4.mul(saved, f32x4.sub(one, saved)));
  return f32x4.mul(dy, siluDerivative(saved));
}

// @ts-ignore: decorator
@inline
function forward(op: i32, x: usize, y: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(y + i, value(op, v128.load(x + i)));
  if (rest) storeTail(y + i, value(op, loadTail(x + i, rest, 0)), rest);
}

// @ts-ignore: decorator
@inline
function backward(op: i32, saved: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(dx + i, gradient(op, v128.load(saved + i), v128.load(dy + i)));
  if (rest) storeTail(dx + i, gradient(op, loadTail(saved + i, rest, 0), loadTail(dy + i, rest, 0)), rest);
}

/** y = max(x, 0) */
export function relu(x: usize, y: usize, begin: i32, end: i32): void {
  forward(RELU, x, y, begin, end);
}

/** dx = dy where x > 0 (or is NaN), else 0; y serves for x. */
export function reluBackward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(RELU, x, dy, dx, begin, end);
}

/** y = tanh(x) */
export function tanh(x: usize, y: usize, begin: i32, end: i32): void {
  forward(TANH, x, y, begin, end);
}

/** dx = dy(1 - y²) */
export function tanhBackward(y: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(TANH, y, dy, dx, begin, end);
}

/** y = 1/(1 + e⁻ˣ) */
export function sigmoid(x: usize, y: usize, begin: i32, end: i32): void {
  forward(SIGMOID, x, y, begin, end);
}

/** dx = dy·y(1 - y) */
export function sigmoidBackward(y: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(SIGMOID, y, dy, dx, begin, end);
}

/** y = x·σ(x), also known as swish */
export function silu(x: usize, y: usize, begin: i32, end: i32): void {
  forward(SILU, x, y, begin, end);
}

/** dx = dy·σ(x)(1 + x(1 - σ(x))) */
export function siluBackward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(SILU, x, dy, dx, begin, end);
}
