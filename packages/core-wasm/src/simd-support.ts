/** Which of the two builds a runtime can run: `relaxed` fuses multiply and add, `plain` gives the same bits everywhere. */
export type Simd = "plain" | "relaxed";

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
// (module (func (param v128 v128 v128) (result v128) every relaxed instruction that the kernels have: engines got them years apart
//   local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd local.get 1 local.get 2 f32x4.relaxed_nmadd
//   local.get 0 i16x8.relaxed_dot_i8x16_i7x16_s local.get 1 local.get 2 i32x4.relaxed_laneselect))
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 32, 1, 30, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 32, 1,
  32, 2, 253, 134, 2, 32, 0, 253, 146, 2, 32, 1, 32, 2, 253, 139, 2, 11,
];

/** @returns the fastest build that this runtime validates, or undefined without 128-bit SIMD */
export function detectSimd(): Simd | undefined {
  if (WebAssembly.validate(new Uint8Array(RELAXED))) return "relaxed";
  return WebAssembly.validate(new Uint8Array(SIMD)) ? "plain" : undefined;
}
