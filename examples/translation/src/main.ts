/**
 * From nothing to a translator: learns a vocabulary and a small Transformer from real parallel sentences, saves it, loads it back, translates sentences it has
 * not seen, and counts its BLEU.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AdamW, init, noam, Rng, train } from "@x/layers";
import { Transformer, translate } from "@x/models-nlp";
import { SingleBar } from "cli-progress";
import { shuffled, translationBatches } from "./batches.ts";
import { bleu } from "@x/train";
import { jointTokenizer } from "./joint-tokenizer.ts";
import { sentencePairs } from "./sentence-pairs.ts";

const { values: options } = parseArgs({
  options: {
    language: { type: "string", default: "de" },
    steps: { type: "string", default: "1500" },
    batch: { type: "string", default: "64" },
    warmup: { type: "string", default: "400" },
    /** Of the Noam schedule. The peak is factor / √(width · warmup). */
    factor: { type: "string", default: "0.5" },
    vocabulary: { type: "string", default: "2000" },
    width: { type: "string", default: "256" },
    layers: { type: "string", default: "3" },
    dropout: { type: "string", default: "0.3" },
    /** Sentences that are held out to be tested with. */
    test: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    /** Default: as many as the machine has cores. */
    threads: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("../../../demo-output", import.meta.url)) },
  },
});
const number = (name: "steps" | "batch" | "warmup" | "factor" | "vocabulary" | "width" | "layers" | "dropout" | "test" | "seed"): number =>
  Number(options[name]);
const [steps, width, layers] = [number("steps"), number("width"), number("layers")];

const { threads, simd } = await init(options.threads === undefined ? undefined : { threads: Number(options.threads) });
const pairs = shuffled(await sentencePairs(options.language), new Rng(number("seed")));
const [testSet, trainingSet] = [pairs.slice(0, number("test")), pairs.slice(number("test"))];
const tokenizer = jointTokenizer(
  trainingSet.flatMap(({ source, target }) => [source, target]),
  number("vocabulary"),
);
console.log(`English to ${options.language}: ${trainingSet.length} sentences to learn from, ${testSet.length} held out.`);
console.log(`A joint vocabulary of ${tokenizer.vocabSize} subwords. ${threads} threads, ${simd} SIMD.`);

const heads = Math.max(1, width / 64);
const model = await Transformer.fromConfig(
  {
    vocabSize: tokenizer.vocabSize,
    dModel: width,
    encoderLayers: layers,
    decoderLayers: layers,
    encoderAttentionHeads: heads,
    decoderAttentionHeads: heads,
    encoderFfnDim: 4 * width,
    decoderFfnDim: 4 * width,
    dropout: number("dropout"),
    maxPositionEmbeddings: 128,
  },
  { rng: new Rng(number("seed") + 1) },
);
model.tokenizer = model.targetTokenizer = tokenizer;
console.log(`Transformer: ${layers} + ${layers} layers, ${width} wide, ${model.numParameters} parameters.\n`);

const began = performance.now();
await learn();
console.log(`\nTrained in ${((performance.now() - began) / 1000).toFixed(0)} s.`);

const folder = `${options.out}/translation-${options.language}`;
await mkdir(options.out, { recursive: true });
await model.savePretrained(folder);
model.dispose();
using reloaded = await Transformer.fromPretrained(folder);
console.log(`Saved to ${folder} and loaded back.\n`);

const sources = testSet.map(({ source }) => source);
const references = testSet.map(({ target }) => target);
const greedy = await translated("greedy", 1);
const beams = await translated("4 beams", 4);
for (const [i, { source, target }] of testSet.slice(0, 12).entries()) {
  console.log(`${source}\n  reference  ${target}\n  greedy     ${greedy[i]}\n  4 beams    ${beams[i]}\n`);
}
for (const [name, found] of [
  ["greedy", greedy],
  ["4 beams", beams],
] as const) {
  const { score, precisions, brevityPenalty } = bleu(found, references);
  const exact = found.filter((text, i) => text === references[i]).length;
  const details = `${precisions.map((precision) => precision.toFixed(1)).join("/")}, brevity penalty ${brevityPenalty.toFixed(3)}`;
  console.log(`BLEU, ${name}: ${score.toFixed(2)} (${details}); ${exact} of ${found.length} word for word.`);
}

async function learn(): Promise<void> {
  const batches = translationBatches(trainingSet, tokenizer, number("batch"), new Rng(number("seed") + 2));
  const optimizer = new AdamW(model.parameters(), { learningRate: 0, beta2: 0.98, eps: 1e-9, weightDecay: 0 }); // §5.3
  const bar = new SingleBar({
    format: "training {bar} {percentage}% | step {value}/{total} | loss {loss} | {eta_formatted} left",
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  let mean = 0;
  bar.start(steps, 0, { loss: "–" });
  await train({
    model,
    optimizer,
    steps,
    schedule: noam(width, number("warmup"), number("factor")),
    maxGradientNorm: 1,
    loss: () => {
      const { text, labels } = batches.next().value;
      return model.loss(text, labels);
    },
    onStep: (report) => {
      mean = report.step === 1 ? report.loss : mean + 0.05 * (report.loss - mean);
      bar.update(report.step, { loss: mean.toFixed(3) });
    },
  });
  bar.stop();
  optimizer.dispose();
}

async function translated(name: string, numBeams: number): Promise<string[]> {
  const start = performance.now();
  const found = await translate(reloaded, sources, { numBeams, batchSize: 32, maxLength: 100 });
  const tokens = found.reduce((sum, text) => sum + tokenizer.encode(text).ids.length, 0);
  console.log(
    `Translated ${found.length} sentences, ${name}: ${((1000 * tokens) / (performance.now() - start)).toFixed(0)} tokens a second.`,
  );
  return found;
}
