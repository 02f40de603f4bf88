/** pffft (Pommier, after FFTPACK by Swarztrauber) in WebAssembly SIMD: the fastest FFT that npm has. */
import open from "@echogarden/pffft-wasm/simd";
import type { Contender } from "./case.ts";

const [REAL, COMPLEX] = [0, 1] as const;
const FORWARD = 0;

/** Whether pffft transforms real sequences of one length and complex ones of the other. */
export function pffftTakes(real: number, complex: number): boolean {
  let rest = real * complex;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1 && real % 32 === 0 && complex % 16 === 0;
}

interface PffftRows extends Contender {
  /** Other numbers in place of x. */
  load(x: Float32Array): void;
  spectra(): Float32Array;
}

/** x (rows, columns): every row's real transform, in pffft's own memory, numbers in the usual order. `run` gives nothing to compare. */
export async function pffftRows(x: Float32Array, rows: number, columns: number): Promise<PffftRows> {
  const pffft = await open();
  const setup = pffft._pffft_new_setup(columns, REAL);
  const [source, target] = [pffft._pffft_aligned_malloc(x.byteLength), pffft._pffft_aligned_malloc(x.byteLength)];
  const work = pffft._pffft_aligned_malloc(4 * columns);
  const load = (numbers: Float32Array): void => pffft.HEAPF32.set(numbers, source / 4);
  load(x);
  return {
    name: "pffft",
    load,
    run: () => {
      for (let row = 0; row < rows; row++) {
        pffft._pffft_transform_ordered(setup, source + 4 * row * columns, target + 4 * row * columns, work, FORWARD);
      }
      return undefined;
    },
    spectra: () => pffft.HEAPF32.slice(target / 4, target / 4 + x.length),
    dispose: () => {
      for (const pointer of [source, target, work]) pffft._pffft_aligned_free(pointer);
      pffft._pffft_destroy_setup(setup);
    },
  };
}

/** x (rows, columns) → Re F(F(x)), as often as `chain` says: real transforms of rows, then complex ones of the first half of the columns; the others mirror them. */
export async function pffftMixing(
  x: Float32Array,
  rows: number,
  columns: number,
  chain: (first: Float32Array, mix: (x: Float32Array) => Float32Array) => Float32Array,
): Promise<Contender> {
  const pffft = await open();
  const across = await pffftRows(x, rows, columns);
  const setup = pffft._pffft_new_setup(rows, COMPLEX);
  const [source, target, work] = [0, 1, 2].map(() => pffft._pffft_aligned_malloc(8 * rows)) as [number, number, number];
  const mix = (input: Float32Array): Float32Array => {
    across.load(input);
    void across.run();
    const spectra = across.spectra(); // of a row: Re 0, Re D/2, Re 1, Im 1, Re 2, Im 2, …
    const y = new Float32Array(x.length);
    const [column, result] = [
      pffft.HEAPF32.subarray(source / 4, source / 4 + 2 * rows),
      pffft.HEAPF32.subarray(target / 4, target / 4 + 2 * rows),
    ];
    for (let d = 0; 2 * d <= columns; d++) {
      const real = d === 0 || 2 * d === columns;
      const re = 2 * d === columns ? 1 : 2 * d;
      for (let n = 0; n < rows; n++) {
        column[2 * n] = spectra[n * columns + re] ?? 0;
        column[2 * n + 1] = real ? 0 : (spectra[n * columns + re + 1] ?? 0);
      }
      pffft._pffft_transform_ordered(setup, source, target, work, FORWARD);
      for (let k = 0; k < rows; k++) {
        const value = result[2 * k] ?? 0;
        y[k * columns + d] = value;
        if (!real) y[((rows - k) % rows) * columns + columns - d] = value;
      }
    }
    return y;
  };
  return {
    name: "pffft",
    run: () => chain(x, mix),
    dispose: () => {
      void across.dispose?.();
      for (const pointer of [source, target, work]) pffft._pffft_aligned_free(pointer);
      pffft._pffft_destroy_setup(setup);
    },
  };
}
