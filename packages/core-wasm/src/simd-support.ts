/** Which of the two builds a runtime can run: `relaxed` fuses multiply and add, `plain` gives the same bits everywhere. */
export type Simd = "plain" | "relaxed";

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
// (module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11,
];

/** @returns the fastest build that this runtime validates, or undefined without 128-bit SIMD */
export function detectSimd(): Simd | undefined {
  if (WebAssembly.validate(new Uint8Array(RELAXED))) return "relaxed";
  return WebAssembly.validate(new Uint8Array(SIMD)) ? "plain" : undefined;
}
