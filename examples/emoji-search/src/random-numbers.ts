import { drawUniform, empty, type Rng } from "@x/layers";

/** Numbers in [0, 1) without end. */
export function uniform(rng: Rng): () => number {
  let numbers = new Float32Array();
  let at = 0;
  return () => {
    if (at === numbers.length) {
      using fresh = empty([4096]);
      drawUniform(fresh, rng);
      numbers = Float32Array.from(fresh.data);
      at = 0;
    }
    return numbers[at++] ?? 0;
  };
}
