import { drawUniform, empty, type Rng } from "@x/layers";

/** Batches of indices without end, each epoch in a new order. */
export function* shuffledBatches(count: number, batchSize: number, rng: Rng): Generator<number[], never> {
  for (;;) {
    using noise = empty([count]);
    drawUniform(noise, rng);
    const keys = noise.toTypedArray();
    const order = Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    for (let from = 0; from + batchSize <= count; from += batchSize) yield order.slice(from, from + batchSize);
  }
}
