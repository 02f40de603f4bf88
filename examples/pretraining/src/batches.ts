import { drawUniform, empty, type Rng } from "@x/layers";
import { type Sentence, type SentencePair, sentencePairs, type SentencePairOptions } from "@x/models-nlp";

/** Batches of pairs without end: each epoch draws the pairs anew and shuffles them. */
export function* batchesOf(
  documents: readonly (readonly Sentence[])[],
  options: SentencePairOptions,
  batchSize: number,
  rng: Rng,
): Generator<SentencePair[], never> {
  for (;;) {
    const pairs = [...sentencePairs(documents, options, rng)];
    using noise = empty([pairs.length]);
    drawUniform(noise, rng);
    const keys = noise.toTypedArray();
    const order = [...pairs.keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    for (let from = 0; from + batchSize <= order.length; from += batchSize) {
      yield order.slice(from, from + batchSize).flatMap((i) => pairs[i] ?? []);
    }
  }
}
