/** Specification of assembly/convert.ts. Narrow formats are their bits, as unsigned integers. */
import { generate, type Numbers } from "./numbers.ts";

/** The value of the bits of an IEEE-like format with `fraction` fraction bits and `exponent` exponent bits. */
function decode(bits: number, exponent: number, fraction: number): number {
  const sign = bits >>> (exponent + fraction) ? -1 : 1;
  const e = (bits >>> fraction) & (2 ** exponent - 1);
  const f = bits & (2 ** fraction - 1);
  const bias = 2 ** (exponent - 1) - 1;
  if (e === 2 ** exponent - 1) return f ? NaN : sign * Infinity;
  return sign * (e ? 2 ** (e - bias) * (1 + f / 2 ** fraction) : 2 ** (1 - bias) * (f / 2 ** fraction));
}

/** The bits of the nearest value, ties to even. */
function encode(x: number, exponent: number, fraction: number): number {
  const bias = 2 ** (exponent - 1) - 1;
  const infinity = (2 ** exponent - 1) * 2 ** fraction;
  if (Number.isNaN(x)) return infinity + 2 ** (fraction - 1);
  const sign = Object.is(x, -0) || x < 0 ? 2 ** (exponent + fraction) : 0;
  let e = 1;
  while (e < 2 ** exponent - 1 && Math.abs(x) >= 2 ** (e + 1 - bias)) e++;
  const scaled = Math.abs(x) / 2 ** (e - bias - fraction); // in units of the last bit; below 2^fraction: a denormal
  const floor = Math.floor(scaled);
  const up = scaled - floor > 0.5 || (scaled - floor === 0.5 && floor % 2 === 1);
  return sign + Math.min(infinity, (e - 1) * 2 ** fraction + (up ? floor + 1 : floor));
}

export function f16ToF32(x: Numbers): Float64Array {
  return generate(x.length, (i) => decode(x[i]!, 5, 10));
}

export function f32ToF16(x: Numbers): Uint16Array {
  return Uint16Array.from(x, (v) => encode(v, 5, 10));
}

export function bf16ToF32(x: Numbers): Float64Array {
  return generate(x.length, (i) => decode(x[i]!, 8, 7));
}

export function f32ToBf16(x: Numbers): Uint16Array {
  return Uint16Array.from(x, (v) => encode(v, 8, 7));
}

export function f64ToF32(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.fround(x[i]!));
}

export function i64ToI32(x: ArrayLike<bigint>): Int32Array {
  return Int32Array.from({ length: x.length }, (_, i) => Number(BigInt.asIntN(32, x[i]!)));
}

export function i32ToF32(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.fround(x[i]!));
}

export function u8ToF32(x: Numbers): Float64Array {
  return Float64Array.from(x);
}
