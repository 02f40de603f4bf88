/**
 * float16 and bfloat16 ↔ float32, by their bits, in plain TypeScript: checkpoints are read before WebAssembly is up.
 * IEEE 754-2019 §3.6 (binary16: 1 sign, 5 exponent, 10 fraction bits); bfloat16 is the upper half of binary32.
 * Widening is exact; narrowing rounds to nearest, ties to even. NaN stays NaN, ±∞ and −0 are kept.
 * `begin` is the first element of the longer-lived array that is read or written; the other one is used whole.
 */

const float16Denormal = 2 ** -24;

/** Widens float16 bits into `out[begin …]`. */
export function float16ToFloat32(halves: Uint16Array, out: Float32Array, begin: number): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    const exponent = half & 0x7c00;
    const sign = (half & 0x8000) << 16;
    if (exponent === 0x7c00) bits[begin + i] = sign | 0x7f800000 | ((half & 0x3ff) << 13);
    else if (exponent !== 0) bits[begin + i] = sign | (((half & 0x7fff) << 13) + 0x38000000);
    else if (sign === 0) out[begin + i] = (half & 0x3ff) * float16Denormal;
    else out[begin + i] = -(half & 0x3ff) * float16Denormal;
  }
}

/** Narrows `values[begin …]` to float16 bits. */
export function float32ToFloat16(values: Float32Array, begin: number, halves: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < halves.length; i++) {
    const value = bits[begin + i] ?? 0;
    const sign = (value >>> 16) & 0x8000;
    const magnitude = value & 0x7fffffff;
    if (magnitude > 0x7f800000) halves[i] = sign | 0x7e00;
    else if (magnitude >= 0x47800000) halves[i] = sign | 0x7c00;
    else if (magnitude < 0x38800000) halves[i] = sign | float16DenormalBits(magnitude);
    else halves[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
}

/** Below 2⁻¹⁴: the fraction, with its hidden bit, shifted to units of 2⁻²⁴. */
function float16DenormalBits(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Widens bfloat16 bits into `out[begin …]`. */
export function bfloat16ToFloat32(halves: Uint16Array, out: Float32Array, begin: number): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < halves.length; i++) bits[begin + i] = (halves[i] ?? 0) << 16;
}

/** Narrows `values[begin …]` to bfloat16 bits. */
export function float32ToBfloat16(values: Float32Array, begin: number, halves: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < halves.length; i++) {
    const value = bits[begin + i] ?? 0;
    if ((value & 0x7fffffff) > 0x7f800000) halves[i] = (value >>> 16) | 0x40;
    else halves[i] = (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
  }
}
