/**
 * What pre-training without labels is worth: a masked autoencoder learns from all of MNIST's images and none of its labels; then its encoder and one of the same
 * size from scratch learn from the same few labels, with the same steps and seeds. Also draws what the autoencoder makes of masked digits.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AdamW, cosineWithWarmup, crossEntropy, decayMatricesOnly, fillZeros, init, Rng, scope, train } from "@x/layers";
import { layerDecayGroups, MAE, reconstruct, ViT } from "@x/models-vision";
import { SingleBar } from "cli-progress";
import { batchOf, evaluate } from "./batches.ts";
import { type Digits, loadMnist, SIDE } from "@x/example-data/src/mnist.ts";
import { reconstructionPicture } from "./reconstruction-picture.ts";
import { shuffledBatches } from "./shuffled-batches.ts";

const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "3000" },
    labels: { type: "string", default: "200" },
    "fine-tuning-steps": { type: "string", default: "400" },
    seed: { type: "string", default: "1" },
    /** A folder that an earlier run has saved: no pre-training then. */
    pretrained: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("../../../demo-output", import.meta.url)) },
  },
});
const [steps, numLabels, fineTuningSteps, seed] = [options.steps, options.labels, options["fine-tuning-steps"], options.seed].map(
  Number,
) as [number, number, number, number];

const shape = {
  imageSize: SIDE,
  patchSize: 4,
  hiddenSize: 64,
  numHiddenLayers: 4,
  numAttentionHeads: 4,
  intermediateSize: 256,
  layerNormEps: 1e-6,
};
const [trainingSet, testSet] = await Promise.all([loadMnist("train"), loadMnist("t10k")]);
await init();

const folder = options.pretrained ?? `${options.out}/mae-mnist`;
await mkdir(options.out, { recursive: true });
if (options.pretrained === undefined) {
  const fresh = await MAE.fromConfig(
    { ...shape, decoderHiddenSize: 48, decoderNumHiddenLayers: 1, decoderNumAttentionHeads: 4, decoderIntermediateSize: 192 },
    { rng: new Rng(seed) },
  );
  await pretrain(fresh, trainingSet);
  await fresh.savePretrained(folder);
  fresh.dispose();
}
using mae = await MAE.fromPretrained(folder);
await draw();

const few: Digits = { pixels: trainingSet.pixels, labels: trainingSet.labels, count: numLabels };
const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
using pretrained = await ViT.fromPretrained(folder, { labels: classes, config: { pooling: "mean" } });
if (pretrained.head) fillZeros(pretrained.head.weight); // as the other one's begins
using scratch = await ViT.fromConfig({ ...shape, numLabels: 10, pooling: "mean" }, { rng: new Rng(seed) });
const [tuned, fresh] = [await fineTune(pretrained, "pre-trained"), await fineTune(scratch, "from scratch")];
console.log(`\n${numLabels} labels, ${fineTuningSteps} steps, seed ${seed}; accuracy on all ${testSet.count} test digits:`);
console.log(`  pre-trained as a masked autoencoder: ${(100 * tuned).toFixed(2)} %`);
console.log(`  from scratch:                        ${(100 * fresh).toFixed(2)} %`);

async function pretrain(model: MAE, digits: Digits): Promise<void> {
  const batches = shuffledBatches(digits.count, 128, new Rng(seed + 1));
  const noise = new Rng(seed + 2);
  const optimizer = new AdamW(
    decayMatricesOnly(
      model.parameters().filter(({ requiresGrad }) => requiresGrad),
      0.05,
    ),
    { learningRate: 2e-3, beta2: 0.95 },
  );
  await watched("pre-training", optimizer, steps, cosineWithWarmup(2e-3, Math.ceil(steps / 20), steps), () => {
    const [images] = batchOf(digits, batches.next().value);
    return model.forward(images, model.drawNoise(images, noise)).loss;
  });
}

async function fineTune(model: ViT, name: string): Promise<number> {
  const rate = 1e-3;
  const batches = shuffledBatches(few.count, 50, new Rng(seed + 3));
  const groups = name === "pre-trained" ? layerDecayGroups(model, { layerDecay: 0.75 }) : decayMatricesOnly(model.parameters(), 0.05);
  model.train();
  await watched(
    `fine-tuning, ${name}`,
    new AdamW(groups, { learningRate: rate }),
    fineTuningSteps,
    cosineWithWarmup(rate, 40, fineTuningSteps),
    () => {
      const [images, labels] = batchOf(few, batches.next().value);
      return crossEntropy(model.forward(images), labels, { labelSmoothing: 0.1 });
    },
  );
  return evaluate(model.eval(), testSet);
}

async function watched(
  name: string,
  optimizer: AdamW,
  total: number,
  schedule: (step: number) => number,
  loss: () => ReturnType<typeof crossEntropy>,
): Promise<void> {
  const bar = new SingleBar({
    format: `${name} {bar} {percentage}% | step {value}/{total} | loss {loss} | {eta_formatted} left`,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  let mean = 0;
  bar.start(total, 0, { loss: "–" });
  await train({
    optimizer,
    steps: total,
    schedule,
    loss,
    maxGradientNorm: 1,
    onStep: (report) => {
      mean = report.step === 1 ? report.loss : mean + 0.02 * (report.loss - mean);
      bar.update(report.step, { loss: mean.toFixed(4) });
    },
  });
  bar.stop();
  optimizer.dispose();
}

async function draw(): Promise<void> {
  const shown = Array.from({ length: 10 }, (_, i) => i * 41 + 3);
  const svg = scope(() => {
    const [images] = batchOf(testSet, shown);
    const { visible, completed } = reconstruct(mae, images, mae.drawNoise(images, new Rng(seed + 4)));
    return reconstructionPicture(
      [images, visible, completed],
      `${100 * mae.config.maskRatio} % of the patches masked: original, what the encoder saw, completed`,
    );
  });
  const path = `${options.out}/reconstructions.svg`;
  await writeFile(path, svg);
  console.log(`Reconstructions: ${path}`);
}
