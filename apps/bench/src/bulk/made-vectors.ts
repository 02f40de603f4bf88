/** A task that makes vectors instead of a model, one of each id: 384 numbers, in clusters that lie in few directions, as those of texts do. */
import type { Task } from "@x/bulk";
import { init } from "@x/layers";
import { normal } from "../random.ts";

const [width, directions] = [384, 48] as const;

/** @param clusters how many: the more, the narrower is each beside what lies between them */
export async function madeVectors(clusters = 500): Promise<(id: number) => Float32Array> {
  await init();
  const basis = normal(directions * width, 1);
  const centres = normal(clusters * directions, 2);
  return (id) => {
    const vector = normal(width, 1000 + id, { deviation: 0.6 });
    const centre = ((id * 7919) % clusters) * directions;
    for (const [i, off] of normal(directions, 2 ** 31 + id).entries()) {
      const along = off + (centres[centre + i] ?? 0);
      for (let d = 0; d < width; d++) vector[d] = (vector[d] ?? 0) + along * (basis[i * width + d] ?? 0);
    }
    const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
    return vector.map((number) => number / length);
  };
}

export default async (): Promise<Task> => {
  const vectorOf = await madeVectors();
  return {
    columns: { embedding: { vector: "float32", width } },
    run: async (ids) => ids.map((id) => ({ embedding: vectorOf(Number(id)) })),
  };
};
