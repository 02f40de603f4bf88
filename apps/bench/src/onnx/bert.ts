import type { BertConfig } from "@x/models-nlp";
import type { Weights } from "../weights.ts";
import { ModelGraph } from "./layers.ts";

/** input_ids (B, N), without padding → last_hidden_state (B, N, D). @param Graph what layers are made of */
export function bertModel(
  config: BertConfig,
  weights: Weights,
  batch: number,
  length: number,
  Graph: typeof ModelGraph = ModelGraph,
): Uint8Array<ArrayBuffer> {
  const { hiddenSize, numHiddenLayers, numAttentionHeads } = config;
  const graph = new Graph(weights, config.layerNormEps);
  const ids = graph.input("input_ids", [batch, length], "int64");
  const words = graph.op("Gather", [graph.parameter("embeddings.wordEmbeddings.weight"), ids], { axis: 0 });
  const rows = (path: string, count: number) =>
    graph.weight(`${path}.rows`, [count, hiddenSize], weights.get(path).data.subarray(0, count * hiddenSize));
  const typed = graph.op("Add", [words, rows("embeddings.tokenTypeEmbeddings.weight", 1)]);
  let x = graph.norm(graph.op("Add", [typed, rows("embeddings.positionEmbeddings.weight", length)]), "embeddings.norm");
  for (let i = 0; i < numHiddenLayers; i++) {
    const path = `blocks.${i}`;
    const attended = graph.selfAttention(x, `${path}.mixer`, hiddenSize, numAttentionHeads);
    const mixed = graph.norm(graph.op("Add", [attended, x]), `${path}.norm1`);
    x = graph.norm(graph.op("Add", [graph.feedForward(mixed, `${path}.mlp`), mixed]), `${path}.norm2`);
  }
  graph.output(x, "last_hidden_state", [batch, length, hiddenSize]);
  return graph.toBytes();
}
