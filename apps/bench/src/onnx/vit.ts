import { patchCount, sidesOf } from "@x/layers/model";
import type { MAEConfig, ViTConfig } from "@x/models-vision";
import type { Weights } from "../weights.ts";
import type { Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** images (B, C, H, W) → logits (B, numLabels) */
export function viTModel(config: ViTConfig, weights: Weights, batch: number): Uint8Array<ArrayBuffer> {
  const graph = new ModelGraph(weights, config.layerNormEps);
  const cls = graph.op("Gather", [encode(graph, config, tokensOf(graph, config, batch)), graph.index(0)], { axis: 1 });
  graph.output(graph.head(cls), "logits", [batch, config.numLabels]);
  return graph.toBytes();
}

/** images (B, C, H, W) → tokens (B, 1 + N, D) */
export function viTEncoderModel(config: ViTConfig, weights: Weights, batch: number): Uint8Array<ArrayBuffer> {
  const graph = new ModelGraph(weights, config.layerNormEps);
  const numTokens = 1 + patchCount(config.imageSize, config.patchSize);
  graph.output(encode(graph, config, tokensOf(graph, config, batch)), "tokens", [batch, numTokens, config.hiddenSize]);
  return graph.toBytes();
}

/** images (1, C, H, W) → MAE's latent tokens (1, 1 + K, D), of the patches `kept` (K). */
export function maeEncoderModel(config: MAEConfig, weights: Weights, kept: readonly number[]): Uint8Array<ArrayBuffer> {
  const graph = new ModelGraph(weights, config.layerNormEps);
  const visible = graph.op("Gather", [tokensOf(graph, config, 1), graph.ints([0, ...kept.map((id) => 1 + id)])], { axis: 1 });
  graph.output(encode(graph, config, visible), "latent", [1, 1 + kept.length, config.hiddenSize]);
  return graph.toBytes();
}

type EncoderConfig = Pick<ViTConfig, "numChannels" | "imageSize" | "patchSize" | "hiddenSize" | "numHiddenLayers" | "numAttentionHeads">;

function embed(graph: ModelGraph, { numChannels, imageSize, patchSize, hiddenSize }: EncoderConfig, batch: number): Value {
  return graph.patchEmbedding(graph.input("images", [batch, numChannels, ...sidesOf(imageSize)]), batch, patchSize, hiddenSize);
}

/** The class token and the patches, with their positions (B, 1 + N, D). */
const tokensOf = (graph: ModelGraph, config: EncoderConfig, batch: number): Value => {
  const patches = embed(graph, config, batch);
  return graph.op("Add", [graph.op("Concat", [classTokens(graph, config, batch), patches], { axis: 1 }), graph.parameter("posEmbed")]);
};

const classTokens = (graph: ModelGraph, { hiddenSize }: EncoderConfig, batch: number): Value =>
  graph.op("Expand", [graph.parameter("clsToken"), graph.ints([batch, 1, hiddenSize])]);

function encode(graph: ModelGraph, { numHiddenLayers, hiddenSize, numAttentionHeads }: EncoderConfig, tokens: Value): Value {
  let x = tokens;
  for (let i = 0; i < numHiddenLayers; i++) {
    const path = `blocks.${i}`;
    x = graph.preNormBlock(x, path, (normed) => graph.selfAttention(normed, `${path}.mixer`, hiddenSize, numAttentionHeads));
  }
  return graph.norm(x, "norm");
}
