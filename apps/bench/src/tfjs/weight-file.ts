/** Weights for TensorFlow.js in files, as its converter leaves them: matrices (in, out) as they are multiplied, all numbers in one piece. */
import type { Weight, Weights, WeightSource } from "../weights.ts";

/** Paths and shapes, in the order of the numbers. */
export type WeightIndex = readonly { readonly path: string; readonly dims: readonly number[] }[];

const isMatrix = (path: string, { dims }: Weight): boolean => path.endsWith(".weight") && dims.length > 1;

export function packWeights(weights: Weights): { readonly index: WeightIndex; readonly numbers: Float32Array } {
  const all = [...weights.paths].map((path) => {
    const weight = weights.get(path);
    return { path, ...(isMatrix(path, weight) ? weights.transposed(path) : weight) };
  });
  const numbers = new Float32Array(all.reduce((sum, { data }) => sum + data.length, 0));
  let begin = 0;
  for (const { data } of all) {
    numbers.set(data, begin);
    begin += data.length;
  }
  return { index: all.map(({ path, dims }) => ({ path, dims })), numbers };
}

/** No copy is made. */
export function unpackWeights(index: WeightIndex, numbers: Float32Array): WeightSource {
  const weights = new Map<string, Weight>();
  let begin = 0;
  for (const { path, dims } of index) {
    const end = begin + dims.reduce((size, side) => size * side, 1);
    weights.set(path, { dims, data: numbers.subarray(begin, end) });
    begin = end;
  }
  const get = (path: string): Weight => {
    const weight = weights.get(path);
    if (!weight) throw new Error(`the file has no parameter ${path}`);
    return weight;
  };
  return { get, transposed: get };
}
