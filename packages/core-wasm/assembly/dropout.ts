/**
 * Dropout (Srivastava et al. 2014), inverted: y = x/keep with probability keep, else 0. The mask isn't stored; it is the
 * generator's bernoulli of (seed, stream), so the gradient is the same kernel applied to dy with the same seed and stream.
 * Dropping whole samples (stochastic depth) is a bernoulli of one element a sample, multiplied in by broadcasting.
 *
 * Units: elements, begin a multiple of 4. y may be x.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { unit, words16, words4 } from "./simd/philox";

/**
 * y = x/keep where element i of the stream's uniforms is below keep, else 0. Units: elements.
 * @units size
 * @cost 16
 */
export function dropout(
  x: Floats, y: FloatsOut, keep: f32, seed: u32, stream: u32, begin: i32, end: i32,
): void {
  const threshold = f32x4.splat(keep);
  const scale = f32x4.splat(1 / keep);
  let i = begin;
  for (; i + 16 <= end; i += 16) {
    const source = x + (<usize>i << 2);
    const target = y + (<usize>i << 2);
    // Read first: the words pass through y, which may be x.
    const x0 = v128.load(source);
    const x1 = v128.load(source, 16);
    const x2 = v128.load(source, 32);
    const x3 = v128.load(source, 48);
    words16(target, i >> 2, seed, stream);
    v128.store(target, v128.and(f32x4.mul(x0, scale), f32x4.lt(unit(v128.load(target)), threshold)));
    v128.store(target, v128.and(f32x4.mul(x1, scale), f32x4.lt(unit(v128.load(target, 16)), threshold)), 16);
    v128.store(target, v128.and(f32x4.mul(x2, scale), f32x4.lt(unit(v128.load(target, 32)), threshold)), 32);
    v128.store(target, v128.and(f32x4.mul(x3, scale), f32x4.lt(unit(v128.load(target, 48)), threshold)), 48);
  }
  for (; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const kept = f32x4.lt(unit(words4(i >> 2, seed, stream)), threshold);
    storeTail(y + o, v128.and(f32x4.mul(loadTail(x + o, lanes, 0), scale), kept), lanes);
  }
}
