/** The two builds: `relaxed` fuses multiply and add, `plain` gives the same bits everywhere. */
export type Build = "plain" | "relaxed";

/** How the kernels run: one of the builds, or `wide`, the relaxed one compiled for vectors of 256 bits. */
export type Simd = Build | "wide";

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
export function detectSimd(): Build | undefined {
  if (WebAssembly.validate(new Uint8Array(RELAXED))) return "relaxed";
  return WebAssembly.validate(new Uint8Array(SIMD)) ? "plain" : undefined;
}
