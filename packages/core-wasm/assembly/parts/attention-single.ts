/**
 * Attention of one query, as when a text is written token by token behind a cache of keys and values: packing them would cost more than
 * the products, so both are read once, in place. Steps in bytes. Tails: missing lanes of a head are 0.
 */
import { loadTail, storeTail } from "../simd/lanes";
import { madd } from "../simd/madd";

/** scores = scale · q · kᵀ over `count` keys, four at a time; written up to the next multiple of four. */
export function scoreSingle(query: usize, key: usize, keyStep: usize, headSize: i32, count: i32, scale: f32, scores: usize): void {
  const factor = f32x4.splat(scale);
  for (let j = 0; j < count; j += 4, scores += 16) {
    const zero = f32x4.splat(0);
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    let k0 = key + j * keyStep;
    let k1 = key + min(j + 1, count - 1) * keyStep;
    let k2 = key + min(j + 2, count - 1) * keyStep;
    let k3 = key + min(j + 3, count - 1) * keyStep;
    for (let c = 0; c < headSize; c += 4, k0 += 16, k1 += 16, k2 += 16, k3 += 16) {
      const rest = headSize - c;
      const q = loadTail(query + (<usize>c << 2), rest, 0);
      s0 = madd(q, loadTail(k0, rest, 0), s0);
      s1 = madd(q, loadTail(k1, rest, 0), s1);
      s2 = madd(q, loadTail(k2, rest, 0), s2);
      s3 = madd(q, loadTail(k3, rest, 0), s3);
    }
    const s01 = f32x4.add(v128.shuffle<u32>(s0, s1, 0, 4, 1, 5), v128.shuffle<u32>(s0, s1, 2, 6, 3, 7));
    const s23 = f32x4.add(v128.shuffle<u32>(s2, s3, 0, 4, 1, 5), v128.shuffle<u32>(s2, s3, 2, 6, 3, 7));
    const sums = f32x4.add(v128.shuffle<u64>(s01, s23, 0, 2), v128.shuffle<u64>(s01, s23, 1, 3));
    v128.store(scores, f32x4.mul(sums, factor));
  }
}

/** y = factor · Σ_j p_j v_j over `count` values. */
export function mixSingle(p: usize, value: usize, valueStep: usize, headSize: i32, count: i32, factor: f32, y: usize): void {
  const zero = f32x4.splat(0);
  const factors = f32x4.splat(factor);
  const end = p + (<usize>count << 2);
  let c = 0;
  for (; c + 16 <= headSize; c += 16, value += 64, y += 64) {
    let y0 = zero, y1 = zero, y2 = zero, y3 = zero;
    for (let at = p, v = value; at < end; at += 4, v += valueStep) {
      const weight = v128.load_splat<f32>(at);
      y0 = madd(weight, v128.load(v), y0);
      y1 = madd(weight, v128.load(v, 16), y1);
      y2 = madd(weight, v128.load(v, 32), y2);
      y3 = madd(weight, v128.load(v, 48), y3);
    }
    v128.store(y, f32x4.mul(y0, factors));
    v128.store(y, f32x4.mul(y1, factors), 16);
    v128.store(y, f32x4.mul(y2, factors), 32);
    v128.store(y, f32x4.mul(y3, factors), 48);
  }
  for (; c < headSize; c += 4, value += 16, y += 16) {
    const rest = headSize - c;
    let sum = zero;
    for (let at = p, v = value; at < end; at += 4, v += valueStep) sum = madd(v128.load_splat<f32>(at), loadTail(v, rest, 0), sum);
    storeTail(y, f32x4.mul(sum, factors), rest);
  }
}
