/** Specification of assembly/unary.ts. */
import { generate, type Numbers } from "./numbers.ts";

export function negate(x: Numbers): Float64Array {
  return generate(x.length, (i) => -x[i]!);
}

export function exp(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.exp(x[i]!));
}

export function log(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.log(x[i]!));
}

export function sqrt(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.sqrt(x[i]!));
}

export function square(x: Numbers): Float64Array {
  return generate(x.length, (i) => x[i]! ** 2);
}

export function abs(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.abs(x[i]!));
}

export function absBackward(x: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => (x[i]! > 0 ? dy[i]! : x[i]! < 0 ? -dy[i]! : 0));
}

export function clamp(x: Numbers, low: number, high: number): Float64Array {
  return generate(x.length, (i) => Math.min(Math.max(x[i]!, low), high));
}

export function clampBackward(x: Numbers, dy: Numbers, low: number, high: number): Float64Array {
  return generate(x.length, (i) => (x[i]! > low && x[i]! < high ? dy[i]! : 0));
}

/** C's pow: unlike JavaScript's, 1 to any power is 1. */
export function pow(x: Numbers, exponent: number): Float64Array {
  return generate(x.length, (i) => (x[i] === 1 ? 1 : x[i]! ** exponent));
}
