/** A task that makes vectors instead of a model, one of each id: 384 numbers, in clusters that lie in few directions, as those of texts do. */
import type { Task } from "@x/bulk";

const [width, directions, clusters] = [384, 48, 500] as const;

/** Numbers from 0 to 1 (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(count: number, next: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
}

const basis = normal(directions * width, uniform(1));
const centres = normal(clusters * directions, uniform(2));

/** The vector of an id, of length 1. */
export function vectorOf(id: number): Float32Array {
  const next = uniform(1000 + id * 7919);
  const centre = Math.floor(next() * clusters) * directions;
  const vector = Float32Array.from({ length: width }, () => 2 * next() - 1);
  for (const [i, off] of normal(directions, next).entries()) {
    const along = off + (centres[centre + i] ?? 0);
    for (let d = 0; d < width; d++) vector[d] = (vector[d] ?? 0) + along * (basis[i * width + d] ?? 0);
  }
  const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
  return vector.map((number) => number / length);
}

export default (): Task => ({
  columns: { embedding: { vector: "float32", width } },
  run: async (ids) => ids.map((id) => ({ embedding: vectorOf(Number(id)) })),
});
