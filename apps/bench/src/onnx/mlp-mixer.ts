import type { MLPMixerConfig } from "@x/models-vision";
import { sideOf } from "../side.ts";
import type { Weights } from "../weights.ts";
import { ModelGraph } from "./layers.ts";

/** images (B, C, H, W) → logits (B, numLabels) */
export function mlpMixerModel(config: MLPMixerConfig, weights: Weights, batch: number): Uint8Array<ArrayBuffer> {
  const { numChannels, patchSize, hiddenSize } = config;
  const side = sideOf(config.imageSize);
  const graph = new ModelGraph(weights, config.layerNormEps);
  const images = graph.input("images", [batch, numChannels, side, side]);
  let x = graph.patchEmbedding(images, batch, patchSize, hiddenSize);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const path = `blocks.${i}`;
    x = graph.preNormBlock(x, path, (normed) => {
      const channels = graph.op("Transpose", [normed], { perm: [0, 2, 1] });
      return graph.op("Transpose", [graph.feedForward(channels, `${path}.mixer.mlp`)], { perm: [0, 2, 1] });
    });
  }
  const pooled = graph.op("ReduceMean", [graph.norm(x, "norm"), graph.ints([1])], { keepdims: 0 });
  graph.output(graph.head(pooled), "logits", [batch, config.numLabels]);
  return graph.toBytes();
}
