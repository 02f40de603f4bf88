/**
 * Gaussian error linear units (Hendrycks & Gimpel 2016), with their gradients; the maths is in simd/math.ts.
 *
 *   gelu       y = x·Φ(x) = ½x(1 + erf(x/√2))                          BERT, ViT, MAE, Swin
 *   geluTanh   y = ½x(1 + tanh(√(2/π)(x + 0.044715x³)))                FNet, the original Mixer
 *   quickGelu  y = x·σ(1.702x)                                         CLIP
 *
 * Units: elements. y may be x, and dx may be dy. Tails run through the same lanes as the body.
 */
import { loadTail, storeTail } from "./simd/lanes";
import {
  gelu as geluLanes,
  geluDerivative,
  geluTanh as geluTanhLanes,
  geluTanhDerivative,
  quickGelu as quickGeluLanes,
  quickGeluDerivative,
} from "./simd/math";

const ERF: i32 = 0;
const TANH: i32 = 1;
const QUICK: i32 = 2;

// @ts-ignore: decorator
@inline
function value(form: i32, x: v128): v128 {
  if (form == ERF) return geluLanes(x);
  if (form == TANH) return geluTanhLanes(x);
  return quickGeluLanes(x);
}

// @ts-ignore: decorator
@inline
function derivative(form: i32, x: v128): v128 {
  if (form == ERF) return geluDerivative(x);
  if (form == TANH) return geluTanhDerivative(x);
  return quickGeluDerivative(x);
}

// @ts-ignore: decorator
@inline
function forward(form: i32, x: usize, y: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(y + i, value(form, v128.load(x + i)));
  if (rest) storeTail(y + i, value(form, loadTail(x + i, rest, 0)), rest);
}

// @ts-ignore: decorator
@inline
function backward(form: i32, x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), derivative(form, v128.load(x + i))));
  }
  if (rest) storeTail(dx + i, f32x4.mul(loadTail(dy + i, rest, 0), derivative(form, loadTail(x + i, rest, 0))), rest);
}

/** y = gelu(x), erf form. Units: elements. */
export function gelu(x: usize, y: usize, begin: i32, end: i32): void {
  forward(ERF, x, y, begin, end);
}

/** dx = dy·gelu′(x), erf form. Units: elements. */
export function geluBackward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(ERF, x, dy, dx, begin, end);
}

/** y = gelu(x), tanh form. Units: elements. */
export function geluTanh(x: usize, y: usize, begin: i32, end: i32): void {
  forward(TANH, x, y, begin, end);
}

/** dx = dy·gelu′(x), tanh form. Units: elements. */
export function geluTanhBackward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(TANH, x, dy, dx, begin, end);
}

/** y = x·σ(1.702x). Units: elements. */
export function quickGelu(x: usize, y: usize, begin: i32, end: i32): void {
  forward(QUICK, x, y, begin, end);
}

/** dx = dy·quickGelu′(x). Units: elements. */
export function quickGeluBackward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  backward(QUICK, x, dy, dx, begin, end);
}
