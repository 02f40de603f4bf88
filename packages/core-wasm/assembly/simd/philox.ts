/**
 * Philox 4×32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a generator without state.
 * Word i of a stream is word i mod 4 of the block with counter (⌊i/4⌋, 0, stream, 0) under the key (seed, 0).
 */

/** Multipliers and Weyl increments of both halves of a round; 0, 1, 2, 3. */
const CONSTANTS = memory.data<i32>([
  <i32>0xd2511f53, <i32>0xcd9e8d57, <i32>0x9e3779b9, <i32>0xbb67ae85, 0, 1, 2, 3,
]);

// @ts-ignore: decorator
@inline
function constant(index: i32): v128 {
  return v128.load_splat<i32>(CONSTANTS + (<usize>index << 2));
}

/** The low and the high words of the lanes' products, from the products of the lower and of the upper two. */
// @ts-ignore: decorator
@inline
function low(lower: v128, upper: v128): v128 {
  return v128.shuffle<u32>(lower, upper, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function high(lower: v128, upper: v128): v128 {
  return v128.shuffle<u32>(lower, upper, 1, 3, 5, 7);
}

/** Writes the sixteen words of blocks `block` to `block` + 3, a block in each lane until the end. */
export function words16(target: usize, block: i32, seed: u32, stream: u32): void {
  let k0 = i32x4.splat(seed);
  let k1 = i32x4.splat(0);
  let c0 = i32x4.add(i32x4.splat(block), v128.load(CONSTANTS, 16));
  let c1 = i32x4.splat(0);
  let c2 = i32x4.splat(stream);
  let c3 = c1;
  for (let round = 0; round < 10; round++) {
    const p0 = i64x2.extmul_low_i32x4_u(c0, constant(0));
    const p1 = i64x2.extmul_high_i32x4_u(c0, constant(0));
    const q0 = i64x2.extmul_low_i32x4_u(c2, constant(1));
    const q1 = i64x2.extmul_high_i32x4_u(c2, constant(1));
    c0 = v128.xor(v128.xor(high(q0, q1), c1), k0);
    c1 = low(q0, q1);
    c2 = v128.xor(v128.xor(high(p0, p1), c3), k1);
    c3 = low(p0, p1);
    k0 = i32x4.add(k0, constant(2));
    k1 = i32x4.add(k1, constant(3));
  }
  const even = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5); // words 0 and 1 of blocks 0 and 1
  const odd = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5);
  v128.store(target, v128.shuffle<u64>(even, odd, 0, 2));
  v128.store(target, v128.shuffle<u64>(even, odd, 1, 3), 16);
  const evenAbove = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7);
  const oddAbove = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<u64>(evenAbove, oddAbove, 0, 2), 32);
  v128.store(target, v128.shuffle<u64>(evenAbove, oddAbove, 1, 3), 48);
}

/** The four words of one block: the tail's form of words16. */
export function words4(block: i32, seed: u32, stream: u32): v128 {
  let k0 = seed;
  let k1: u32 = 0;
  let c0: u32 = block;
  let c1: u32 = 0;
  let c2 = stream;
  let c3: u32 = 0;
  for (let round = 0; round < 10; round++) {
    const p = <u64>c0 * 0xd2511f53;
    const q = <u64>c2 * 0xcd9e8d57;
    c0 = <u32>(q >> 32) ^ c1 ^ k0;
    c1 = <u32>q;
    c2 = <u32>(p >> 32) ^ c3 ^ k1;
    c3 = <u32>p;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(c0), 1, c1), 2, c2), 3, c3);
}

const UNIT = memory.data<f32>([5.9604644775390625e-8]);

/** Words → uniforms in [0, 1): the upper 24 bits, times 2⁻²⁴. */
// @ts-ignore: decorator
@inline
export function unit(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), v128.load_splat<f32>(UNIT));
}
