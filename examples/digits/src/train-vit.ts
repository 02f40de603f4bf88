/**
 * From nothing to a model that reads handwriting: trains a small ViT on MNIST, saves it as a Hugging Face folder, loads it back, classifies digits it has not
 * seen, and draws where it looked.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AdamW, cosineWithWarmup, crossEntropy, decayMatricesOnly, init, noGrad, Rng, train } from "@x/layers";
import { attentionMap, classify, ViT } from "@x/models-vision";
import { SingleBar } from "cli-progress";
import { batchOf, evaluate, pngOf, shareRight } from "./batches.ts";
import { type Digits, loadMnist, SIDE } from "@x/example-data/src/mnist.ts";
import { picture } from "./picture.ts";
import { shuffledBatches } from "./shuffled-batches.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "3" },
    batch: { type: "string", default: "100" },
    "learning-rate": { type: "string", default: "0.003" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: fileURLToPath(new URL("../../../demo-output", import.meta.url)) },
  },
});
const [epochs, batchSize, learningRate, seed] = [options.epochs, options.batch, options["learning-rate"], options.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const names = Array.from({ length: 10 }, (_, digit) => String(digit));

const [trainingSet, testSet] = await Promise.all([loadMnist("train"), loadMnist("t10k")]);
const { threads, simd } = await init();
console.log(`MNIST: ${trainingSet.count} digits to train on, ${testSet.count} to be tested with. ${threads} threads, ${simd} SIMD.`);

const vit = await ViT.fromConfig(
  {
    imageSize: SIDE,
    patchSize: 7,
    hiddenSize: 64,
    numHiddenLayers: 3,
    numAttentionHeads: 4,
    intermediateSize: 256,
    pooling: "mean",
    layerNormEps: 1e-6,
    numLabels: 10,
    id2label: Object.fromEntries(names.entries()),
  },
  { rng: new Rng(seed) },
);
console.log(`ViT: ${vit.blocks.length} layers, ${vit.config.hiddenSize} wide, ${vit.numParameters} parameters.\n`);

const began = performance.now();
await trainOn(trainingSet);
const accuracy = evaluate(vit, testSet);
console.log(
  `\nTrained in ${((performance.now() - began) / 1000).toFixed(0)} s. Accuracy on all ${testSet.count} test digits: ${(100 * accuracy).toFixed(2)} %`,
);

await mkdir(options.out, { recursive: true });
const folder = `${options.out}/vit-mnist`;
await vit.savePretrained(folder);
using reloaded = await ViT.fromPretrained(folder);
const again = evaluate(reloaded, testSet);
console.log(`Saved to ${folder} and loaded back: accuracy ${(100 * again).toFixed(2)} %${again === accuracy ? ", the same" : ""}.\n`);

const shown = Array.from({ length: 12 }, (_, i) => i * 37);
const files = shown.map((index) => pngOf(testSet, index));
const found = await classify(reloaded, files, { topK: 3 });
for (const [i, best] of found.entries()) {
  const truth = testSet.labels[shown[i] ?? 0];
  console.log(`a ${truth}: ${best.map(({ label, probability }) => `${label} ${(100 * probability).toFixed(1)} %`).join(", ")}`);
}
const maps = noGrad(() => attentionMap(reloaded, batchOf(testSet, shown)[0]).toArray()) as number[][][];
const path = `${options.out}/where-it-looked.svg`;
await writeFile(
  path,
  picture(
    shown.map((index, i) => ({
      png: files[i] as Uint8Array,
      truth: String(testSet.labels[index]),
      best: found[i] ?? [],
      map: maps[i] ?? [],
    })),
    `A ViT trained for ${epochs} epochs: ${(100 * again).toFixed(2)} % of the test digits right`,
  ),
);
console.log(`\nWhere it looked: ${path}`);

async function trainOn(digits: Digits): Promise<void> {
  const steps = Math.floor((digits.count / batchSize) * epochs);
  const batches = shuffledBatches(digits.count, batchSize, new Rng(seed + 1));
  const optimizer = new AdamW(decayMatricesOnly(vit.parameters(), 0.05), { learningRate, beta2: 0.99 });
  const bar = new SingleBar({
    format: "training {bar} {percentage}% | step {value}/{total} | loss {loss} | accuracy {accuracy} | {eta_formatted} left",
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  let [loss, hits] = [0, 0.1];
  bar.start(steps, 0, { loss: "–", accuracy: "–" });
  await train({
    model: vit,
    optimizer,
    steps,
    schedule: cosineWithWarmup(learningRate, Math.ceil(steps / 10), steps),
    maxGradientNorm: 1,
    loss: () => {
      const [images, labels] = batchOf(digits, batches.next().value);
      const logits = vit.forward(images);
      hits += 0.02 * (shareRight(logits, labels) - hits);
      return crossEntropy(logits, labels, { labelSmoothing: 0.05 });
    },
    onStep: (report) => {
      loss = report.step === 1 ? report.loss : loss + 0.02 * (report.loss - loss);
      bar.update(report.step, { loss: loss.toFixed(3), accuracy: `${(100 * hits).toFixed(1)} %` });
    },
  });
  bar.stop();
  optimizer.dispose();
}
