import type { SigLIPTextConfig, SigLIPVisionConfig } from "@x/clip";
import { rowsOf, type Weights } from "../weights.ts";
import { multiHeadAttention } from "./attention.ts";
import type { Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** images (1, C, S, S) → features (1, D), pooled by attention, of the weights of SigLIP's vision tower. */
export function sigLIPVisionModel(config: SigLIPVisionConfig, weights: Weights): Uint8Array<ArrayBuffer> {
  const { numChannels, imageSize, patchSize, hiddenSize, numAttentionHeads } = config;
  const graph = new SigLIPGraph(weights, config.layerNormEps);
  const images = graph.input("pixel_values", [1, numChannels, imageSize, imageSize]);
  const patches = graph.patchEmbedding(images, 1, patchSize, hiddenSize);
  const tokens = graph.norm(graph.blocks(graph.op("Add", [patches, graph.parameter("posEmbed")]), config), "norm");
  const path = "latentPool.attention";
  const query = graph.linear(graph.parameter("latentPool.latent"), `${path}.query`);
  const [key = "", value = ""] = [0, 1].map((part) => graph.linear(tokens, `${path}.keyValue`, part * hiddenSize, hiddenSize));
  const seen = graph.linear(multiHeadAttention(graph, query, key, value, numAttentionHeads), `${path}.proj`);
  const pooled = graph.op("Add", [graph.feedForward(graph.norm(seen, "latentPool.norm"), "latentPool.mlp"), seen]);
  graph.output(graph.op("Reshape", [pooled, graph.ints([1, hiddenSize])]), "features", [1, hiddenSize]);
  return graph.toBytes();
}

/** ids (1, N) → features (1, E) of the last token, of the weights of SigLIP's text tower. */
export function sigLIPTextModel(config: SigLIPTextConfig, weights: Weights, length: number): Uint8Array<ArrayBuffer> {
  const graph = new SigLIPGraph(weights, config.layerNormEps);
  const ids = graph.input("input_ids", [1, length], "int64");
  const words = graph.op("Gather", [graph.parameter("tokenEmbed.weight"), ids], { axis: 0 });
  const { dims, data } = rowsOf(weights.get("posEmbed"), 0, length);
  const tokens = graph.blocks(graph.op("Add", [words, graph.weight("positions", dims, data)]), config);
  const last = graph.norm(graph.op("Gather", [tokens, graph.index(length - 1)], { axis: 1 }), "norm");
  graph.output(graph.linear(last, "proj"), "features", [1, config.projectionSize]);
  return graph.toBytes();
}

type Sizes = Pick<SigLIPTextConfig, "numHiddenLayers" | "hiddenSize" | "numAttentionHeads">;

class SigLIPGraph extends ModelGraph {
  /** GELU by tanh, in the contrib operator that onnxruntime.transformers.optimizer makes of it. */
  override activation(x: Value): Value {
    return this.op("FastGelu", [x], {}, "com.microsoft");
  }

  blocks(tokens: Value, { numHiddenLayers, hiddenSize, numAttentionHeads }: Sizes): Value {
    let x = tokens;
    for (let i = 0; i < numHiddenLayers; i++) {
      const path = `blocks.${i}`;
      x = this.preNormBlock(x, path, (normed) => this.selfAttention(normed, `${path}.mixer`, hiddenSize, numAttentionHeads));
    }
    return x;
  }
}
