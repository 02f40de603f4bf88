/** The small models that look at digits: a ViT, a masked autoencoder, a Swin and an MLP-Mixer, each in a few minutes from MNIST. */
import { AdamW, cosineWithWarmup, crossEntropy, decayMatricesOnly, Rng, type Tensor, train } from "@x/layers";
import { MAE, MLPMixer, Swin, ViT } from "@x/models-vision";
import { batchOf, evaluate } from "@x/example-digits/src/batches.ts";
import { loadMnist, SIDE } from "@x/example-digits/src/mnist.ts";
import { initializeNarrow } from "@x/example-pretraining/src/initialize.ts";
import { shuffledBatches } from "@x/example-digits/src/shuffled-batches.ts";
import { moved } from "./moved.ts";
import type { Trained } from "./trained.ts";

const id2label = Object.fromEntries(Array.from({ length: 10 }, (_, digit) => [digit, String(digit)]));
const classes = { imageSize: SIDE, numLabels: 10, id2label };
const encoder = {
  imageSize: SIDE,
  patchSize: 4,
  hiddenSize: 48,
  numHiddenLayers: 3,
  numAttentionHeads: 4,
  intermediateSize: 192,
  layerNormEps: 1e-6,
};

/** A ViT of three layers over 7 × 7 patches. */
export const digitsViT = async (): Promise<Trained> =>
  classifier(await ViT.fromConfig({ ...encoder, ...classes, pooling: "mean" }, { rng: new Rng(1) }), 2200);

/** A Swin of two stages: 14 × 14 patches in four windows, then 7 × 7 in one. */
export async function digitsSwin(): Promise<Trained> {
  const shape = { patchSize: 2, embedDim: 32, depths: [2, 2], numHeads: [2, 4], windowSize: 7, dropPathRate: 0 };
  return classifier(await Swin.fromConfig({ ...shape, ...classes }, { rng: new Rng(1) }), 1000);
}

/** A Mixer whose first token-mixing MLP has 48 hidden units over 14 × 14 patches. */
export async function digitsMixer(): Promise<Trained> {
  const shape = { patchSize: 2, hiddenSize: 48, numHiddenLayers: 3, tokensMlpDim: 48, channelsMlpDim: 128 };
  return classifier(await MLPMixer.fromConfig({ ...shape, ...classes }, { rng: new Rng(1) }), 1000);
}

/** A masked autoencoder of digits. */
export async function digitsMAE(): Promise<Trained> {
  const decoder = { decoderHiddenSize: 48, decoderNumHiddenLayers: 1, decoderNumAttentionHeads: 4, decoderIntermediateSize: 192 };
  const model = await MAE.fromConfig({ ...encoder, ...decoder }, { rng: new Rng(1) });
  const [learned, unseen] = await Promise.all([loadMnist("train"), loadMnist("t10k")]);
  const batches = shuffledBatches(learned.count, 64, new Rng(2));
  const [moves, noise] = [new Rng(3), new Rng(4)];
  const parameters = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  await steps(parameters, 3000, 3e-3, () => {
    const images = moved(batchOf(learned, batches.next().value)[0], moves);
    return model.forward(images, model.drawNoise(images, noise)).loss;
  });
  const [images] = batchOf(
    unseen,
    Array.from({ length: 1000 }, (_, i) => i),
  );
  const loss = model.forward(images, model.drawNoise(images, new Rng(5))).loss.item();
  return { model, score: `mean squared error on masked patches of unseen digits: ${loss.toFixed(4)} (values from −1 to 1)` };
}

type Classifier = ViT | Swin | MLPMixer;

async function classifier(model: Classifier, count: number): Promise<Trained> {
  const [learned, unseen] = await Promise.all([loadMnist("train"), loadMnist("t10k")]);
  const batches = shuffledBatches(learned.count, 64, new Rng(2));
  const moves = new Rng(3);
  initializeNarrow(model, new Rng(4));
  model.train();
  await steps(model.parameters(), count, 3e-3, () => {
    const [images, labels] = batchOf(learned, batches.next().value);
    return crossEntropy(model.forward(moved(images, moves)), labels, { labelSmoothing: 0.05 });
  });
  model.eval();
  return { model, score: `${(100 * evaluate(model, unseen)).toFixed(2)} % of MNIST's 10 000 test digits` };
}

async function steps(
  parameters: ConstructorParameters<typeof AdamW>[0],
  count: number,
  learningRate: number,
  loss: () => Tensor,
): Promise<void> {
  const optimizer = new AdamW(decayMatricesOnly(parameters as Parameters<typeof decayMatricesOnly>[0], 0.05), {
    learningRate,
    beta2: 0.99,
  });
  const schedule = cosineWithWarmup(learningRate, Math.ceil(count / 20), count);
  let mean = 0;
  const onStep = ({ step, loss: now }: { readonly step: number; readonly loss: number }): void => {
    mean = step === 1 ? now : mean + 0.02 * (now - mean);
    if (step % 200 === 0) console.log(`${step} of ${count}: loss ${mean.toFixed(4)}`);
  };
  await train({ optimizer, steps: count, schedule, maxGradientNorm: 1, loss, onStep });
  optimizer.dispose();
}
