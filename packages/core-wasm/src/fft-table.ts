/**
 * What assembly/fft.ts needs to know of a length, laid out as its header tells. Angles are computed in float64 from whole numbers of turns,
 * so every twiddle is the nearest float32.
 */

type Complex = readonly [re: number, im: number];

/** A length, and factors of 2, 3, 4 and 5 that it has. */
type Smooth = readonly [length: number, factors: readonly number[]];

type Words = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

const ELEMENT = 32; // bytes
const HEADER = 7; // words

/** The table for sequences of `length` elements, one or more. */
export function fftTable(length: number): Uint8Array<ArrayBuffer> {
  const own = factorsOf(length);
  const passes: Smooth = own ? [length, own] : convolutionLength(2 * length - 1);
  const order = digitReversal(passes);
  const sections = [
    [pairsOf(length, (k) => (own ? (order[k] ?? 0) : k))],
    passesOf(passes),
    own ? [] : [chirpOf(length)],
    own ? [] : [filterOf(length, passes)],
    own ? [] : [order.map((place) => ELEMENT * place)],
  ];
  let end = 4 * HEADER;
  const offsets = sections.map((parts) => {
    const begin = end;
    end += bytesOf(parts);
    return begin;
  });
  return join([Int32Array.of(length, passes[0], ...offsets), ...sections.flat()]);
}

/** Bytes of working memory that the table of `length` asks for: twice the length of a convolution. */
export function fftWork(length: number): number {
  return factorsOf(length) ? 0 : 2 * ELEMENT * convolutionLength(2 * length - 1)[0];
}

const bytesOf = (parts: readonly Words[]): number => parts.reduce((sum, { byteLength }) => sum + byteLength, 0);

function join(parts: readonly Words[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(bytesOf(parts));
  let at = 0;
  for (const { buffer, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer), at);
    at += byteLength;
  }
  return bytes;
}

/** Factors 5, 3, 2, then as many 4 as there are: the last pass has no twiddles, so it should be a large one. undefined if others are left. */
function factorsOf(length: number): readonly number[] | undefined {
  const factors: number[] = [];
  for (const radix of [4, 2, 3, 5]) for (; length % radix === 0; length /= radix) factors.unshift(radix);
  return length === 1 ? factors : undefined;
}

/** The least length from `least` on that has such factors. */
function convolutionLength(least: number): Smooth {
  for (let length = least; ; length++) {
    const factors = factorsOf(length);
    if (factors) return [length, factors];
  }
}

/** Where frequency k comes out: k = k₀ + r₀·k′ lies in block k₀, which is length / r₀ long, at the place of k′ in it. */
function digitReversal([length, factors]: Smooth): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length }, (_, frequency) => {
    let [place, span] = [0, length];
    for (const radix of factors) {
      span /= radix;
      place += span * (frequency % radix);
      frequency = Math.floor(frequency / radix);
    }
    return place;
  });
}

/** Where frequencies k and −k are, for k up to half the length, and the last once more until there are a multiple of eight. */
function pairsOf(length: number, place: (frequency: number) => number): Int32Array<ArrayBuffer> {
  const half = Math.floor(length / 2);
  const pairs = new Int32Array(16 * (Math.floor(half / 8) + 1));
  for (let i = 0; i < pairs.length; i += 2) {
    const frequency = Math.min(i / 2, half);
    pairs[i] = ELEMENT * place(frequency);
    pairs[i + 1] = ELEMENT * place((length - frequency) % length);
  }
  return pairs;
}

/** Radix and twiddles of every pass, and a radix of 0. */
function passesOf([length, factors]: Smooth): Words[] {
  let span = length;
  const passes = factors.flatMap((radix) => {
    const block = span;
    span /= radix;
    const twiddles = new Float32Array(2 * (span - 1) * (radix - 1));
    let i = 0;
    for (let j = 1; j < span; j++) {
      for (let q = 1; q < radix; q++, i += 2) twiddles.set(root(j * q, block), i);
    }
    return [Int32Array.of(radix), twiddles];
  });
  return [...passes, Int32Array.of(0)];
}

/** e^(−iπj²/length); j² is exact, being below 2⁵³. */
function chirpOf(length: number): Float32Array<ArrayBuffer> {
  const chirp = new Float32Array(2 * length);
  for (let j = 0; j < length; j++) chirp.set(root(j * j, 2 * length), 2 * j);
  return chirp;
}

/** The transform of e^(iπj²/length), j from 1 − length to length − 1 around a circle of `period`, divided by the period. */
function filterOf(length: number, [period, factors]: Smooth): Float32Array<ArrayBuffer> {
  const kernel = Array.from({ length: period }, (_, place): Complex => {
    const j = Math.min(place, period - place);
    const [re, im] = root(j * j, 2 * length);
    return j < length ? [re / period, -im / period] : [0, 0];
  });
  return Float32Array.from(transform(kernel, factors).flat());
}

/** Cooley & Tukey 1965 in float64: every radix-th element by itself, then together. */
function transform(x: readonly Complex[], [radix, ...factors]: readonly number[]): readonly Complex[] {
  if (!radix) return x;
  const span = x.length / radix;
  const parts = Array.from({ length: radix }, (_, q) =>
    transform(
      x.filter((__, j) => j % radix === q),
      factors,
    ),
  );
  return x.map((_, k) =>
    parts.reduce(
      (sum, part, q): Complex => {
        const [re, im] = part[k % span] ?? [0, 0];
        const [c, s] = root(k * q, x.length);
        return [sum[0] + re * c - im * s, sum[1] + re * s + im * c];
      },
      [0, 0],
    ),
  );
}

/** e^(−2πi·numerator/denominator), from the least equal angle. */
function root(numerator: number, denominator: number): Complex {
  const angle = (2 * Math.PI * (numerator % denominator)) / denominator;
  return [Math.cos(angle), -Math.sin(angle)];
}
