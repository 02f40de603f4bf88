import { drawUniform, empty, intTensor, type Rng, type Tensor } from "@x/layers";
import type { Tokenizer } from "@x/models-nlp";
import type { SentencePair } from "./sentence-pairs.ts";

export interface TranslationBatch {
  readonly text: { readonly inputIds: Tensor<"int32">; readonly attentionMask: Tensor<"int32"> };
  /** −100 where a sentence has ended. */
  readonly labels: Tensor<"int32">;
}

/** Batches without end, each epoch in a new order, sentences of like length together. The caller's scope frees them. */
export function* translationBatches(
  pairs: readonly SentencePair[],
  tokenizer: Tokenizer,
  batchSize: number,
  rng: Rng,
): Generator<TranslationBatch, never> {
  const encoded = pairs.map(({ source, target }) => ({ source: tokenizer.encode(source), labels: tokenizer.encode(target).ids }));
  const lengthOf = ({ source, labels }: (typeof encoded)[number]): number => source.ids.length + labels.length;
  for (;;) {
    const order = shuffled(encoded, rng);
    const batches = Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) => i * batchSize);
    const alike = blocks(order, 16 * batchSize).flatMap((block) => block.toSorted((a, b) => lengthOf(a) - lengthOf(b)));
    for (const from of shuffled(batches, rng)) {
      const batch = alike.slice(from, from + batchSize);
      const longest = Math.max(...batch.map(({ labels }) => labels.length));
      const labels = batch.map((pair) => [...pair.labels, ...Array.from({ length: longest - pair.labels.length }, () => -100)]);
      yield { text: tokenizer.pad(batch.map(({ source }) => source)), labels: intTensor(labels) };
    }
  }
}

export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  using noise = empty([items.length]);
  drawUniform(noise, rng);
  const keys = noise.toTypedArray();
  return [...items.keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0)).map((i) => items[i] as T);
}

const blocks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
