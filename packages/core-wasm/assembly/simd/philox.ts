/**
 * Philox 4×32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a generator without state.
 * Word i of a stream is word i mod 4 of the block with counter (⌊i/4⌋, 0, stream, 0) under the key (seedLow, seedHigh).
 */

/** One round on the counter held as (c₀, c₂, c₁, c₃), so that the two words to multiply are neighbours. */
// @ts-ignore: decorator
@inline
function round(counter: v128, key: v128, multipliers: v128): v128 {
  const product = i64x2.extmul_low_i32x4_u(counter, multipliers); // (low₀, high₀, low₂, high₂)
  const others = v128.shuffle<u64>(counter, i64x2.splat(0), 1, 2); // (c₁, c₃, 0, 0)
  return v128.xor(v128.xor(v128.shuffle<u32>(product, product, 3, 1, 2, 0), others), key);
}

/** The four words of a block, in order. */
export function philox(block: i32, seedLow: i32, seedHigh: i32, stream: i32): v128 {
  const multipliers = i32x4(<i32>0xd2511f53, <i32>0xcd9e8d57, 0, 0);
  const weyl = i32x4(<i32>0x9e3779b9, <i32>0xbb67ae85, 0, 0);
  let key = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, seedLow), 1, seedHigh);
  let counter = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, block), 1, stream);
  for (let i = 0; i < 10; i++) {
    counter = round(counter, key, multipliers);
    key = i32x4.add(key, weyl);
  }
  return v128.shuffle<u32>(counter, counter, 0, 2, 1, 3);
}

/** Words → [0, 1). */
// @ts-ignore: decorator
@inline
export function unit(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8));
}

/** Uniforms of elements i to i + 3, i a multiple of 4. */
// @ts-ignore: decorator
@inline
export function uniformLanes(i: i32, seedLow: i32, seedHigh: i32, stream: i32): v128 {
  return unit(philox(i >> 2, seedLow, seedHigh, stream));
}
