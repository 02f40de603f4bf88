/**
 * Pre-trains a small BERT, or an FNet of the same shape, on a novel, with masked words and next sentences, and tests it on chapters that it never
 * saw. See ../README.md.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AdamW, decayMatricesOnly, init, linearWithWarmup, Rng, train } from "@x/layers";
import {
  BertForMaskedLM,
  BertForPreTraining,
  bertPreset,
  FNetForMaskedLM,
  FNetForPreTraining,
  preTrainingBatch,
  preTrainingLoss,
  preTrainingOutputs,
  sentencePairs,
} from "@x/models-nlp";
import { SingleBar } from "cli-progress";
import { batchesOf } from "./batches.ts";
import { evaluate, type Scores, withoutReading } from "./evaluate.ts";
import { filled, gapsIn } from "./fill.ts";
import { initializeNarrow } from "./initialize.ts";
import { readNovel } from "./novel.ts";
import { tokenizerFor } from "./vocabulary.ts";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "bert" },
    /** A size of Turc et al. 2019; FNet takes it without the heads. */
    size: { type: "string", default: "BERT-Tiny" },
    steps: { type: "string", default: "6000" },
    threads: { type: "string" },
    batch: { type: "string", default: "64" },
    length: { type: "string", default: "32" },
    "learning-rate": { type: "string", default: "0.001" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
  },
});
const kinds = { bert: BertForPreTraining, fnet: FNetForPreTraining };
const fillers = { bert: BertForMaskedLM, fnet: FNetForMaskedLM };
if (options.model !== "bert" && options.model !== "fnet") {
  console.error(`--model is one of ${Object.keys(kinds).join(", ")}, but is ${options.model}`);
  process.exit(2);
}
const [steps, batchSize, length, learningRate, seed] = [
  options.steps,
  options.batch,
  options.length,
  options["learning-rate"],
  options.seed,
].map(Number) as [number, number, number, number, number];
const folder = options.out ?? fileURLToPath(new URL(`../../../demo-output/${options.model}-moby-dick`, import.meta.url));

const { threads, simd } = await init(options.threads === undefined ? {} : { threads: Number(options.threads) });
const novel = await readNovel();
const tokenizer = await tokenizerFor(novel.training.flat());
const encoded = (chapters: typeof novel.training) =>
  chapters.map((sentences) => tokenizer.encodeBatch(sentences, { addSpecialTokens: false }));
const [trainingSet, testSet] = [encoded(novel.training), encoded(novel.heldOut)];
const id = (name: "pad" | "cls" | "sep" | "mask"): number => tokenizer.special[name] ?? 0;

const shared = {
  vocabSize: tokenizer.vocabSize,
  maxPositionEmbeddings: length,
  padTokenId: id("pad"),
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
};
const model = await (kinds[options.model] as typeof BertForPreTraining).fromConfig(
  { ...bertPreset(options.size), ...shared },
  { rng: new Rng(seed) },
);
initializeNarrow(model, new Rng(seed + 3));
const pairOptions = { clsId: id("cls"), sepId: id("sep"), maxLength: length };
/** All of one length, since the Fourier transform mixes padding in. */
const batchOptions = { maskId: id("mask"), padId: id("pad"), vocabSize: tokenizer.vocabSize, specialIds: tokenizer.specialIds, length };
/** The held-out chapters, four times with other pairs. */
const held = [1, 2, 3, 4].flatMap((draw) => [...sentencePairs(testSet, { ...pairOptions, shortShare: 0 }, new Rng(54320 + draw))]);

const counts = new Map<number, number>();
for (const { ids } of trainingSet.flat()) for (const word of ids) counts.set(word, (counts.get(word) ?? 0) + 1);
console.log(
  `${novel.training.length} chapters to learn from, ${[...counts.values()].reduce((a, b) => a + b, 0)} tokens of ${tokenizer.vocabSize} kinds; ` +
    `${novel.heldOut.length} held out, ${held.length} pairs.\n` +
    `${model.architecture}, ${options.size}: ${model.numParameters} parameters. ${threads} threads, ${simd} SIMD.`,
);

const began = performance.now();
const losses = await pretrain();
console.log(`${steps} steps of ${batchSize} pairs in ${((performance.now() - began) / 1000).toFixed(0)} s.\n`);

const scores = evaluate(model, held, batchOptions, batchSize);
const baseline = withoutReading(counts, tokenizer.vocabSize, held, batchOptions, batchSize);
console.log(`${scores.numWords} masked words and ${held.length} pairs of the chapters held out:`);
console.log(`  by frequency alone: ${described(baseline)}`);
console.log(`  ${model.architecture}: ${described(scores)}`);

await mkdir(folder, { recursive: true });
await model.savePretrained(folder, { alongside: tokenizer.files });
await writeFile(`${folder}/losses.json`, JSON.stringify(losses));
using again = await (kinds[options.model] as typeof BertForPreTraining).fromPretrained(folder);
const reloaded = evaluate(again, held, batchOptions, batchSize);
console.log(`Saved to ${folder}; loaded from there: ${described(reloaded)}`);
if (described(reloaded) !== described(scores)) process.exitCode = 1;

using filler = await (fillers[options.model] as typeof BertForMaskedLM).fromPretrained(folder);
console.log("\nWords left out of chapters it never saw:");
for (const line of await filled(filler, gapsIn(novel.heldOut, tokenizer, length, new Rng(54320)).slice(0, 8), length)) console.log(line);

/** Trains the model → [step, running mean of the loss], every fifty steps. */
async function pretrain(): Promise<[number, number][]> {
  const curve: [number, number][] = [];
  const batches = batchesOf(trainingSet, pairOptions, batchSize, new Rng(seed + 1));
  const masks = new Rng(seed + 2);
  const optimizer = new AdamW(decayMatricesOnly(model.parameters(), 0.01), { learningRate });
  const bar = new SingleBar({
    format: `${options.model} {bar} {percentage}% | step {value}/{total} | loss {loss} | {eta_formatted} left`,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  let mean = 0;
  bar.start(steps, 0, { loss: "–" });
  await train({
    model,
    optimizer,
    steps,
    schedule: linearWithWarmup(learningRate, Math.ceil(steps / 10), steps),
    maxGradientNorm: 1,
    loss: () => {
      const batch = preTrainingBatch(batches.next().value, batchOptions, masks);
      return preTrainingLoss(preTrainingOutputs(model, batch), batch);
    },
    onStep: ({ step, loss }) => {
      mean = step === 1 ? loss : mean + 0.02 * (loss - mean);
      if (step % 50 === 0) curve.push([step, mean]);
      bar.update(step, { loss: mean.toFixed(4) });
    },
  });
  bar.stop();
  optimizer.dispose();
  return curve;
}

function described({ words, wordLoss, nextSentences }: Scores): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  return `${percent(words)} of the words (cross-entropy ${wordLoss.toFixed(3)}), ${percent(nextSentences)} of the next sentences`;
}
