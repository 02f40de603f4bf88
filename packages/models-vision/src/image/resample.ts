/** The filters of Pillow's `Image.resize`, and their weights in fixed point. */

import { exactCosine, exactSine } from "./exact-sine.ts";

export type Resample = "nearest" | "lanczos" | "bilinear" | "bicubic" | "box" | "hamming";

/** PIL's numbers, as `preprocessor_config.json` has them. */
export const resampleCodes: readonly Resample[] = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"];

interface Filter {
  /** How far it reaches to either side, in inputs when enlarging. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : exactSine(x * Math.PI) / (x * Math.PI));

const filters: Readonly<Record<Exclude<Resample, "nearest">, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * exactCosine(x * Math.PI)) : 0) },
  bicubic: { support: 2, weight: keys },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Keys' cubic with a = −0.5. */
function keys(distance: number): number {
  const [a, x] = [-0.5, Math.abs(distance)];
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

export interface Weights {
  /** (outputs, taps) in fixed point, 22 fractional bits, padded with zeros. */
  readonly weights: Int32Array;
  /** (outputs, 2): the first input, and how many. */
  readonly bounds: Int32Array;
  readonly taps: number;
}

/** Which inputs each output is made of. Shrinking widens the filter, so nothing is skipped (antialiasing). */
export function resampleWeights(inputs: number, outputs: number, resample: Exclude<Resample, "nearest">): Weights {
  const { support, weight } = filters[resample];
  const scale = inputs / outputs;
  const width = Math.max(scale, 1);
  const reach = support * width;
  const taps = Math.ceil(reach) * 2 + 1;
  const weights = new Int32Array(outputs * taps);
  const bounds = new Int32Array(outputs * 2);
  for (let j = 0; j < outputs; j++) {
    const center = (j + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(inputs, Math.trunc(center + reach + 0.5)) - first;
    const raw = Array.from({ length: count }, (_, k) => weight((k + first - center + 0.5) * (1 / width)));
    const total = raw.reduce((sum, value) => sum + value, 0);
    for (const [k, value] of raw.entries()) weights[j * taps + k] = fixedPoint(total === 0 ? value : value / total);
    bounds.set([first, count], 2 * j);
  }
  return { weights, bounds, taps };
}

/** Rounded half away from zero. */
const fixedPoint = (value: number): number => Math.trunc(value * 2 ** 22 + (value < 0 ? -0.5 : 0.5));

/** Which input each output takes under `nearest`: positions are added up step by step, as Pillow does it. */
export function nearestInputs(inputs: number, outputs: number): Int32Array {
  const step = inputs / outputs;
  const chosen = new Int32Array(outputs);
  for (let j = 0, position = step * 0.5; j < outputs; j++, position += step) chosen[j] = Math.min(inputs - 1, Math.trunc(position));
  return chosen;
}
