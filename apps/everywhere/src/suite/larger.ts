import { crossEntropy, drawNormal, intTensor, Rng, zeros } from "@x/layers";
import { ViT } from "@x/models-vision";
import type { Family } from "./family.ts";

/**
 * Random weights, large enough that every kernel's work is divided among the threads (the golden models are too small for that), and in
 * training, so that random numbers and dropout are among what is compared.
 */
export const largerViT: Family = {
  name: "ViT, larger, in training",
  async load() {
    const sizes = { imageSize: 96, patchSize: 8, hiddenSize: 192, numHiddenLayers: 2, numAttentionHeads: 3, intermediateSize: 768 };
    const model = await ViT.fromConfig({ ...sizes, numLabels: 10, hiddenDropoutProb: 0.1, dropPathRate: 0.1 }, { rng: new Rng(1) });
    for (const [path, parameter] of model.namedParameters()) if (path.startsWith("head")) drawNormal(parameter, new Rng(2));
    model.train();
    return {
      model,
      forward() {
        const images = zeros([4, 3, 96, 96]);
        drawNormal(images, new Rng(3));
        const logits = model.forward(images);
        return { logits, loss: crossEntropy(logits, intTensor([0, 3, 6, 9])) };
      },
    };
  },
};
