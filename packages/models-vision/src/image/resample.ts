/** The filters of Pillow's `Image.resize`, and their weights in fixed point. */

import { exactCosine, exactSine } from "./exact-sine.ts";

export type Resample = "nearest" | "lanczos" | "bilinear" | "bicubic" | "box" | "hamming";

/** PIL's numbers, as `preprocessor_config.json` has them. */
export const resampleCodes: readonly Resample[] = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"];

interface Filter {
  /** How far it reaches to either side, in inputs when enlarging. */
  readonly support: number;
  readonly weight: (distance: number, circle: Circle) => number;
}

interface Circle {
  readonly sine: (x: number) => number;
  readonly cosine: (x: number) => number;
}

/** The engine's own, which may be off in the last place; and the correctly rounded, which take a hundred times as long. */
const fast: Circle = { sine: Math.sin, cosine: Math.cos };
const exact: Circle = { sine: exactSine, cosine: exactCosine };

const sinc = (x: number, { sine }: Circle): number => (x === 0 ? 1 : sine(x * Math.PI) / (x * Math.PI));
const [hammingMean, hammingWave] = [Math.fround(0.54), Math.fround(0.46)];

const filters: Readonly<Record<Exclude<Resample, "nearest">, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: keys },
  lanczos: { support: 3, weight: (x, circle) => (x >= -3 && x < 3 ? sinc(x, circle) * sinc(x / 3, circle) : 0) },
};

/** A cosine window; its constants are in single precision, and so don't make 1 in the middle. */
function hamming(distance: number, circle: Circle): number {
  if (distance === 0) return 1;
  return Math.abs(distance) < 1 ? sinc(distance, circle) * (hammingMean + hammingWave * circle.cosine(distance * Math.PI)) : 0;
}

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

/**
 * Which inputs each output is made of. Shrinking widens the filter, so nothing is skipped (antialiasing).
 * @param start the first output that is wanted, of `wanted`. Default all
 */
export function resampleWeights(
  inputs: number,
  outputs: number,
  resample: Exclude<Resample, "nearest">,
  start = 0,
  wanted: number = outputs,
): Weights {
  const { support, weight } = filters[resample];
  const scale = inputs / outputs;
  const width = Math.max(scale, 1);
  const reach = support * width;
  const taps = Math.ceil(reach) * 2 + 1;
  const weights = new Int32Array(wanted * taps);
  const bounds = new Int32Array(wanted * 2);
  for (let j = 0; j < wanted; j++) {
    const center = (start + j + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(inputs, Math.trunc(center + reach + 0.5)) - first;
    const scaled = (circle: Circle): number[] => {
      const raw = Array.from({ length: count }, (_, k) => weight((k + first - center + 0.5) * (1 / width), circle));
      const total = raw.reduce((sum, value) => sum + value, 0);
      return raw.map((value) => (total === 0 ? value : value / total) * 2 ** 22);
    };
    const quick = scaled(fast);
    weights.set((quick.some(isNearHalf) ? scaled(exact) : quick).map(rounded), j * taps);
    bounds.set([first, count], 2 * j);
  }
  return { weights, bounds, taps };
}

/** Half away from zero. */
const rounded = (value: number): number => Math.trunc(value + (value < 0 ? -0.5 : 0.5));

/** So near to where rounding turns over that the last place of a sine may decide. */
const isNearHalf = (value: number): boolean => Math.abs(Math.abs(value - Math.trunc(value)) - 0.5) < 1e-6;

/** Which input each output takes under `nearest`: positions are added up step by step, as Pillow does it. */
export function nearestInputs(inputs: number, outputs: number): Int32Array {
  const step = inputs / outputs;
  const chosen = new Int32Array(outputs);
  for (let j = 0, position = step * 0.5; j < outputs; j++, position += step) chosen[j] = Math.min(inputs - 1, Math.trunc(position));
  return chosen;
}
