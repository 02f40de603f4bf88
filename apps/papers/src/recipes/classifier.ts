/** Classes of pictures, from nothing: what the ViT, Swin and MLP-Mixer papers have in common. Each brings its model and its settings. */
import { AdamW, cosineWithWarmup, decayMatricesOnly, type Module } from "@x/layers";
import {
  clothesNames,
  digitNames,
  labelledPictures,
  loadFashionMnist,
  loadMnist,
  type LabelledPicture,
} from "@x/example-data/src/mnist.ts";
import { initializeNarrow } from "@x/example-pretraining/src/initialize.ts";
import { evaluate, fit, type FitResult, imageClassification, type ImageClassifierModel } from "@x/train";
import type { Lab } from "../lab.ts";
import type { Findings } from "../paper.ts";
import { moving } from "./moving.ts";

type Picture = LabelledPicture["image"];

export interface ClassifierSettings {
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
}

/** Pictures to learn from, others to watch the training by, and the test set, which is looked at once. */
export interface Pictures {
  readonly learned: readonly LabelledPicture[];
  readonly watched: readonly LabelledPicture[];
  readonly unseen: readonly LabelledPicture[];
}

export async function pictures(load: typeof loadMnist | typeof loadFashionMnist): Promise<Pictures> {
  const [all, unseen] = [labelledPictures(await load("train")), labelledPictures(await load("t10k"))];
  return { learned: all.slice(0, -1000), watched: all.slice(-1000), unseen };
}

export const labelsOf = (
  names: readonly string[] = digitNames,
): { readonly numLabels: number; readonly id2label: Record<number, string> } => ({
  numLabels: names.length,
  id2label: Object.fromEntries(names.entries()),
});

/** → the training, and the share of the test pictures that are told rightly */
export async function learnClasses(
  lab: Lab,
  name: string,
  model: ImageClassifierModel<Picture> & Module,
  { learned, watched, unseen }: Pictures,
  { steps, batchSize, learningRate, weightDecay, labelSmoothing }: ClassifierSettings,
): Promise<{ readonly fit: FitResult; readonly accuracy: number }> {
  initializeNarrow(model, lab.rng(1));
  using optimizer = new AdamW(decayMatricesOnly(model.parameters(), weightDecay), { learningRate, beta2: 0.99 });
  const objective = imageClassification(model, { processor: moving(model.processor, lab.rng(2)), labelSmoothing });
  const count = lab.steps(steps);
  const result = await fit(objective, learned, {
    ...lab.watched(name),
    steps: count,
    batchSize,
    optimizer,
    schedule: (rate, all) => cosineWithWarmup(rate, Math.ceil(all / 20), all),
    rng: lab.rng(3),
    validation: lab.part(watched),
    evaluateEvery: Math.ceil(count / 8),
  });
  const { accuracy } = await evaluate(objective, lab.part(unseen), { batchSize: 250 });
  return { fit: result, accuracy: Number(accuracy) };
}

/**
 * MNIST, then Fashion-MNIST, by one recipe.
 * @param title the model's, for the curves
 * @param make a fresh model of so many classes
 */
export async function learnDigitsAndClothes<Model extends ImageClassifierModel<Picture> & Module>(
  lab: Lab,
  title: string,
  make: (names: readonly string[]) => Promise<Model>,
  settings: ClassifierSettings,
  clothesSteps: number = settings.steps,
): Promise<Pick<Findings, "scores" | "score" | "curves" | "numbers"> & { readonly digits: Model; readonly clothes: Model }> {
  const [digits, clothes] = [await make(digitNames), await make(clothesNames)];
  const ofDigits = await learnClasses(lab, "digits", digits, await pictures(loadMnist), settings);
  const ofClothes = await learnClasses(lab, "clothes", clothes, await pictures(loadFashionMnist), { ...settings, steps: clothesSteps });
  return {
    digits,
    clothes,
    scores: [
      ["MNIST's test digits told rightly", percent(ofDigits.accuracy, 2)],
      ["Fashion-MNIST's test pieces told rightly", percent(ofClothes.accuracy, 2)],
    ],
    score: `${percent(ofDigits.accuracy, 2)} of MNIST's 10 000 test digits`,
    curves: [
      { title: `${title} on MNIST: loss`, fit: ofDigits.fit },
      { title: `${title} on Fashion-MNIST: loss`, fit: ofClothes.fit },
    ],
    numbers: { digits: ofDigits.accuracy, clothes: ofClothes.accuracy },
  };
}

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
