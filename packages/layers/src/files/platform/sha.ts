/** SHA-1 and SHA-256 of bytes as they come (FIPS 180-4): a browser's own `crypto` wants all of a file at once. Letters are the standard's. */

import type { Hasher } from "./types.ts";

/** What a block of 64 bytes does to the state; `words` has the block's 16 words, and room for those that are made of them. */
type Compress = (state: Int32Array, words: Int32Array) => void;

const left = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));
const right = (x: number, bits: number): number => left(x, 32 - bits);
const at = (words: Int32Array, index: number): number => words[index] as number;

/** §6.1 */
export function sha1(): Hasher {
  const K = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
  return new Sha([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0], (state, W) => {
    for (let t = 16; t < 80; t++) W[t] = left(at(W, t - 3) ^ at(W, t - 8) ^ at(W, t - 14) ^ at(W, t - 16), 1);
    let [a, b, c, d, e] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3), at(state, 4)];
    for (let t = 0; t < 80; t++) {
      const quarter = Math.floor(t / 20);
      const f = quarter === 0 ? (b & c) | (~b & d) : quarter === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const next = (left(a, 5) + f + e + (K[quarter] as number) + at(W, t)) | 0;
      e = d;
      d = c;
      c = left(b, 30);
      b = a;
      a = next;
    }
    for (const [i, value] of [a, b, c, d, e].entries()) state[i] = at(state, i) + value;
  });
}

const primes = Array.from({ length: 310 }, (_, n) => n + 2).filter((n, _, all) => all.every((other) => other >= n || n % other !== 0));
/** The first 32 bits behind the point. */
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;

/** §6.2 */
export function sha256(): Hasher {
  const K = Int32Array.from(primes.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));
  const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  return new Sha(start, (state, W) => {
    for (let t = 16; t < 64; t++) {
      const [low, high] = [at(W, t - 15), at(W, t - 2)];
      const s0 = right(low, 7) ^ right(low, 18) ^ (low >>> 3);
      W[t] = s0 + at(W, t - 7) + (right(high, 17) ^ right(high, 19) ^ (high >>> 10)) + at(W, t - 16);
    }
    let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
    let [e, f, g, h] = [at(state, 4), at(state, 5), at(state, 6), at(state, 7)];
    for (let t = 0; t < 64; t++) {
      const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + at(K, t) + at(W, t)) | 0;
      const two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = at(state, i) + value;
  });
}

class Sha implements Hasher {
  readonly #state: Int32Array;
  readonly #compress: Compress;
  readonly #words = new Int32Array(80);
  readonly #block = new Uint8Array(64);
  readonly #view = new DataView(this.#block.buffer);
  #length = 0;

  constructor(start: readonly number[], compress: Compress) {
    this.#state = Int32Array.from(start);
    this.#compress = compress;
  }

  update(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const filled = this.#length % 64;
      const part = bytes.subarray(done, done + 64 - filled);
      this.#block.set(part, filled);
      this.#length += part.length;
      done += part.length;
      if (this.#length % 64 === 0) this.#take();
    }
  }

  hex(): string {
    const bits = 8 * this.#length;
    this.update(Uint8Array.of(0x80));
    while (this.#length % 64 !== 56) this.update(Uint8Array.of(0));
    const end = new DataView(new ArrayBuffer(8));
    end.setUint32(0, Math.floor(bits / 2 ** 32));
    end.setUint32(4, bits % 2 ** 32);
    this.update(new Uint8Array(end.buffer));
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #take(): void {
    for (let t = 0; t < 16; t++) this.#words[t] = this.#view.getInt32(4 * t);
    this.#compress(this.#state, this.#words);
  }
}
