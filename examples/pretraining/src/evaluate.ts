import { argmax, crossEntropyPerRow, intTensor, noGrad, Rng } from "@x/layers";
import {
  preTrainingBatch,
  type PreTrainingBatch,
  type PreTrainingBatchOptions,
  type PreTrainingModel,
  preTrainingOutputs,
  type SentencePair,
} from "@x/models-nlp";

export interface Scores {
  /** Share of the words behind a [MASK] that are found. */
  readonly words: number;
  /** Their mean cross-entropy, in nats. */
  readonly wordLoss: number;
  /** Share of the pairs that are rightly told. */
  readonly nextSentences: number;
  readonly numWords: number;
}

/** How well a model does both tasks; every call masks the same words. */
export function evaluate(
  model: PreTrainingModel,
  pairs: readonly SentencePair[],
  options: PreTrainingBatchOptions,
  batchSize: number,
): Scores {
  const rng = new Rng(12345);
  let [numWords, words, wordLoss, nextSentences] = [0, 0, 0, 0];
  for (let from = 0; from < pairs.length; from += batchSize) {
    noGrad(() => {
      const batch = maskedBatch(pairs.slice(from, from + batchSize), options, rng);
      const { wordLogits, wordLabels, nextSentenceLogits } = preTrainingOutputs(model, batch);
      const guesses = argmax(wordLogits).data;
      numWords += wordLabels.data.filter((label) => label >= 0).length;
      words += wordLabels.data.filter((label, i) => label === guesses[i]).length;
      wordLoss += crossEntropyPerRow(wordLogits, wordLabels).data.reduce((sum, loss) => sum + loss, 0);
      const told = argmax(nextSentenceLogits).data;
      nextSentences += batch.nextSentenceLabels.data.filter((label, i) => label === told[i]).length;
    });
  }
  return { words: words / numWords, wordLoss: wordLoss / numWords, nextSentences: nextSentences / pairs.length, numWords };
}

/** The same of one who knows how often each id is in the training text, and how often pairs are random, and doesn't read. */
export function withoutReading(
  counts: ReadonlyMap<number, number>,
  vocabSize: number,
  pairs: readonly SentencePair[],
  options: PreTrainingBatchOptions,
  batchSize: number,
): Scores {
  const rng = new Rng(12345);
  const total = [...counts.values()].reduce((a, b) => a + b, 0) + vocabSize; // every id counts once more than it was seen
  const [commonest] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [-1, 0]);
  let [numWords, words, wordLoss] = [0, 0, 0];
  for (let from = 0; from < pairs.length; from += batchSize) {
    noGrad(() => {
      const { wordLabels } = maskedBatch(pairs.slice(from, from + batchSize), options, rng);
      const labels = wordLabels.data.filter((label) => label >= 0);
      numWords += labels.length;
      words += labels.filter((label) => label === commonest).length;
      wordLoss += labels.reduce((sum, label) => sum - Math.log(((counts.get(label) ?? 0) + 1) / total), 0);
    });
  }
  const random = pairs.filter(({ nextSentence }) => nextSentence === 1).length / pairs.length;
  return { words: words / numWords, wordLoss: wordLoss / numWords, nextSentences: Math.max(random, 1 - random), numWords };
}

/**
 * A batch that asks only for what stands behind a [MASK]. In training one predicted word in ten stays as it is; a model that does nothing but repeat what
 * it sees gets those right, which would look like reading.
 */
function maskedBatch(pairs: readonly SentencePair[], options: PreTrainingBatchOptions, rng: Rng): PreTrainingBatch {
  const batch = preTrainingBatch(pairs, options, rng);
  const seen = batch.text.inputIds.data;
  const labels = Int32Array.from(batch.wordLabels.data, (label, i) => (seen[i] === options.maskId ? label : -100));
  return { ...batch, wordLabels: intTensor(labels, batch.wordLabels.shape) };
}
