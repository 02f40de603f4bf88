/** Specification of assembly/random.ts. */
import { erf, generate } from "./numbers.ts";

/** Philox 4×32-10 (Salmon et al. 2011, section 4.3) of one counter and key. */
function philox(counter: readonly number[], key: readonly number[]): Uint32Array {
  let [c0, c1, c2, c3] = counter.map((word) => BigInt(word >>> 0)) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map((word) => BigInt(word >>> 0)) as [bigint, bigint];
  const low = (x: bigint): bigint => x & 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const p = 0xd2511f53n * c0;
    const q = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(q >> 32n) ^ c1 ^ k0, low(q), (p >> 32n) ^ c3 ^ k1, low(p)];
    k0 = low(k0 + 0x9e3779b9n);
    k1 = low(k1 + 0xbb67ae85n);
  }
  return Uint32Array.of(Number(c0), Number(c1), Number(c2), Number(c3));
}

export interface Stream {
  readonly seed: number;
  readonly stream: number;
}

/** The stream's words. */
function randomBits(length: number, { seed, stream }: Stream): Uint32Array {
  const words = new Uint32Array(Math.ceil(length / 4) * 4);
  for (let block = 0; block * 4 < length; block++) {
    words.set(philox([block, 0, stream, 0], [seed, 0]), block * 4);
  }
  return words.subarray(0, length);
}

export function uniform(length: number, stream: Stream): Float64Array {
  return Float64Array.from(randomBits(length, stream), (word) => (word >>> 8) / 2 ** 24);
}

export function normal(length: number, mean: number, deviation: number, stream: Stream): Float64Array {
  const words = randomBits(length + (length % 2), stream);
  return generate(length, (i) => {
    const even = i - (i % 2);
    const u = Math.fround(Math.fround(words[even]! >>> 1) + 0.5) / 2 ** 31;
    const angle = (2 * Math.PI * (words[even + 1]! >>> 8)) / 2 ** 24;
    return mean + deviation * Math.sqrt(-2 * Math.log(u)) * (i % 2 ? Math.sin(angle) : Math.cos(angle));
  });
}

/** By bisection: Φ(z) = the level that the uniform picks between Φ(low) and Φ(high). */
export function truncatedNormal(length: number, mean: number, deviation: number, low: number, high: number, stream: Stream): Float64Array {
  const from = erf((low - mean) / deviation / Math.SQRT2);
  const to = erf((high - mean) / deviation / Math.SQRT2);
  return uniform(length, stream).map((u) => {
    const level = from + u * (to - from);
    let [left, right] = [-6, 6];
    for (let step = 0; step < 60; step++) {
      const middle = (left + right) / 2;
      if (erf(middle) < level) left = middle;
      else right = middle;
    }
    return Math.min(Math.max(mean + deviation * Math.SQRT2 * left, low), high);
  });
}

export function bernoulli(length: number, probability: number, value: number, stream: Stream): Float64Array {
  return uniform(length, stream).map((u) => (u < probability ? value : 0));
}
