import { HttpError } from "./http-error.ts";

/** The first numbers of a vector, at length 1 again, as models trained for it mean it: Kusupati et al. 2022, "Matryoshka Representation Learning". */
export function shortened(vector: Float32Array, dimensions: number | undefined): Float32Array {
  if (dimensions === undefined || dimensions === vector.length) return vector;
  if (dimensions > vector.length) throw new HttpError(422, "Validation", `\`dimensions\` must be at most ${vector.length}`);
  return normalized(vector.subarray(0, dimensions));
}

export function normalized(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** As JSON, with the nine digits that tell a float32 from all others. */
export const numbers = (vector: Float32Array): string => `[${Array.from(vector, (value) => Number(value.toPrecision(9))).join(",")}]`;
