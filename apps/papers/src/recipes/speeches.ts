/** Masked words and next sentences from the speeches on the State of the Union, and what was learned put to use: BERT's and FNet's papers have this in common. */
import { AdamW, argmax, decayMatricesOnly, linearWithWarmup, type Rng, scope } from "@x/layers";
import { readSpeeches, type Speech } from "@x/example-data/src/speeches.ts";
import { initializeNarrow } from "@x/example-pretraining/src/initialize.ts";
import { tokenizerFor } from "@x/example-pretraining/src/vocabulary.ts";
import {
  type BertConfig,
  type BertForPreTraining,
  type FNetForPreTraining,
  preTrainingBatch,
  type PreTrainingBatch,
  preTrainingLoss,
  preTrainingOutputs,
  type SentencePair,
  sentencePairs,
  type Tokenizer,
} from "@x/models-nlp";
import { type ClassifiedText, evaluate, fit, type FitResult, type Objective, textClassification, type TextClassifierModel } from "@x/train";
import type { Lab } from "../lab.ts";

/** Tokens of a pair, special ones included. All batches are so long, since the Fourier transform mixes padding in. */
export const LENGTH = 40;
export const eras: readonly string[] = ["until 1860", "1861 to 1945", "since 1946"];

export type Reader = BertForPreTraining | FNetForPreTraining;

export interface Corpus {
  readonly tokenizer: Tokenizer;
  /** Pairs of stretches of text, of which the second follows the first or doesn't. */
  readonly learned: readonly SentencePair[];
  /** Of every tenth speech, which none of the above is from. */
  readonly unseen: readonly SentencePair[];
  /** Passages that fill LENGTH, with the era they were spoken in: of the speeches to learn from, and of the others. */
  readonly labelled: readonly ClassifiedText[];
  readonly unlabelled: readonly ClassifiedText[];
}

export async function readCorpus(lab: Lab): Promise<Corpus> {
  const speeches = lab.part(await readSpeeches(), 30);
  const [learned, unseen] = [speeches.filter((_, i) => i % 10 !== 5), speeches.filter((_, i) => i % 10 === 5)];
  const tokenizer = await tokenizerFor(
    learned.flatMap(({ sentences }) => sentences),
    150,
  );
  const pairsOf = (some: readonly Speech[], rng: Rng): SentencePair[] => {
    // Presidents' sentences are long: clauses leave room for two stretches in a pair.
    const documents = some.map(({ sentences }) =>
      tokenizer.encodeBatch(
        sentences.flatMap((sentence) => sentence.split(/(?<=[,;:])\s/)),
        { addSpecialTokens: false },
      ),
    );
    return [...sentencePairs(documents, { clsId: idOf(tokenizer, "cls"), sepId: idOf(tokenizer, "sep"), maxLength: LENGTH }, rng)];
  };
  return {
    tokenizer,
    learned: pairsOf(learned, lab.rng(10)),
    unseen: pairsOf(unseen, lab.rng(11)),
    labelled: passagesOf(learned),
    unlabelled: passagesOf(unseen),
  };
}

/** Devlin et al. 2019, §3.1: 15 % of the words are asked, and whether the second stretch follows the first. */
function preTraining(model: Reader, tokenizer: Tokenizer, masks: Rng): Objective<SentencePair, PreTrainingBatch> {
  const options = {
    maskId: idOf(tokenizer, "mask"),
    padId: idOf(tokenizer, "pad"),
    length: LENGTH,
    vocabSize: tokenizer.vocabSize,
    specialIds: tokenizer.specialIds,
  };
  return {
    model,
    rngs: [masks],
    collate: (pairs) =>
      preTrainingBatch(
        pairs.map(({ ids, typeIds, nextSentence }) => ({ ids, typeIds, nextSentence })),
        options,
        masks,
      ),
    loss: (batch) => preTrainingLoss(preTrainingOutputs(model, batch), batch),
    scores: () => {
      let [asked, found, pairs, told] = [0, 0, 0, 0];
      return {
        add(_, batch) {
          const seen = batch.text.inputIds.toTypedArray();
          const wanted = batch.wordLabels.toTypedArray().filter((label) => label >= 0);
          const behind = seen.filter((__, i) => (batch.wordLabels.data[i] ?? -1) >= 0); // only what a [MASK] hides counts: the rest needs copying
          const { words, next } = scope(() => {
            const { wordLogits, wordLabels, nextSentenceLogits } = preTrainingOutputs(model, batch);
            const labels = wordLabels.toTypedArray();
            return {
              words: argmax(wordLogits)
                .toTypedArray()
                .filter((__, i) => (labels[i] ?? -1) >= 0),
              next: argmax(nextSentenceLogits).toTypedArray(),
            };
          });
          for (const [i, word] of words.entries()) {
            if (behind[i] !== options.maskId) continue;
            asked++;
            if (word === wanted[i]) found++;
          }
          const follows = batch.nextSentenceLabels.toTypedArray();
          pairs += follows.length;
          told += next.filter((answer, i) => answer === follows[i]).length;
        },
        result: () => ({ words: found / Math.max(asked, 1), nextSentences: told / Math.max(pairs, 1), asked }),
      };
    },
  };
}

/** Appendix A.2: Adam, warm-up over the first steps, then down in a line. */
async function preTrain(lab: Lab, name: string, model: Reader, { tokenizer, learned }: Corpus): Promise<FitResult> {
  using optimizer = new AdamW(decayMatricesOnly(model.parameters(), 0.01), { learningRate: 2e-3, beta2: 0.98 });
  return await fit(preTraining(model, tokenizer, lab.rng(20)), learned, {
    ...lab.watched(name),
    steps: lab.steps(4000),
    batchSize: 32,
    optimizer,
    schedule: (rate, steps) => linearWithWarmup(rate, Math.ceil(steps / 20), steps + 1),
    rng: lab.rng(21),
  });
}

/** Two layers, 128 wide: what the two models have in common. */
export const narrow = ({
  tokenizer,
}: Corpus): Pick<
  BertConfig,
  "vocabSize" | "maxPositionEmbeddings" | "padTokenId" | "hiddenSize" | "numHiddenLayers" | "intermediateSize" | "hiddenDropoutProb"
> => ({
  vocabSize: tokenizer.vocabSize,
  maxPositionEmbeddings: LENGTH,
  padTokenId: idOf(tokenizer, "pad"),
  hiddenSize: 128,
  numHiddenLayers: 2,
  intermediateSize: 512,
  hiddenDropoutProb: 0,
});

interface PreTrained {
  readonly result: FitResult;
  /** Shares of what was asked of unseen speeches. */
  readonly words: number;
  readonly nextSentences: number;
  /** How many words were. */
  readonly asked: number;
  /** Where it is saved. */
  readonly folder: string;
}

/** A fresh model's pre-training from beginning to end. */
export async function preTrained(lab: Lab, model: Reader, corpus: Corpus): Promise<PreTrained> {
  initializeNarrow(model, lab.rng(1));
  model.tokenizer = corpus.tokenizer;
  const result = await preTrain(lab, "speeches", model, corpus);
  const objective = preTraining(model, corpus.tokenizer, lab.rng(2));
  const { words, nextSentences, asked } = await evaluate(objective, lab.part(corpus.unseen), { batchSize: 64 });
  const folder = `${lab.folder}/pretrained`;
  await model.savePretrained(folder);
  return { result, words: Number(words), nextSentences: Number(nextSentences), asked: Number(asked), folder };
}

/** §4: a few epochs on labelled texts, all weights → the share of unseen passages whose era is told. */
export async function fineTuned(lab: Lab, model: TextClassifierModel, corpus: Corpus, labels: number): Promise<number> {
  const objective = textClassification(model, { maxLength: LENGTH });
  const every = Math.max(1, Math.floor(corpus.labelled.length / labels)); // a trial has fewer
  const few = corpus.labelled.filter((_, i) => i % every === 0).slice(0, labels);
  await fit(objective, few, { steps: lab.steps(300), batchSize: 32, learningRate: 5e-4, rng: lab.rng(30) });
  return Number((await evaluate(objective, lab.part(corpus.unlabelled), { batchSize: 100 }))["accuracy"]);
}

/** Stretches of sentences of at least as many words as a text has tokens, so that none needs padding. */
function passagesOf(speeches: readonly Speech[]): ClassifiedText[] {
  return speeches.flatMap(({ year, sentences }) => {
    const label = year <= 1860 ? 0 : year <= 1945 ? 1 : 2;
    const words = sentences.join(" ").split(" ");
    return Array.from({ length: Math.floor(words.length / LENGTH) }, (_, i) => ({
      text: words.slice(i * LENGTH, (i + 1) * LENGTH).join(" "),
      label,
    })).filter((__, i) => i % 4 === 0);
  });
}

const idOf = (tokenizer: Tokenizer, name: "cls" | "sep" | "mask" | "pad"): number => tokenizer.special[name] ?? 0;

/** Of the commonest answer alone: what one scores without reading. */
export function withoutReading({ learned, unseen, unlabelled }: Corpus): {
  readonly words: number;
  readonly nextSentences: number;
  readonly eras: number;
} {
  const counts = new Map<number, number>();
  for (const { ids } of learned) for (const id of ids.slice(1, -1)) counts.set(id, (counts.get(id) ?? 0) + 1);
  const separator = learned[0]?.ids.at(-1);
  const [commonest] = [...counts].filter(([id]) => id !== separator).reduce((most, entry) => (entry[1] > most[1] ? entry : most), [-1, 0]);
  const all = unseen.flatMap(({ ids }) => ids.slice(1, -1).filter((id) => id !== separator));
  const share = (count: number, of: number): number => count / Math.max(of, 1);
  const follow = share(unseen.filter(({ nextSentence }) => nextSentence === 0).length, unseen.length);
  return {
    words: share(all.filter((id) => id === commonest).length, all.length),
    nextSentences: Math.max(follow, 1 - follow),
    eras: Math.max(...eras.map((_, era) => share(unlabelled.filter(({ label }) => label === era).length, unlabelled.length))),
  };
}
