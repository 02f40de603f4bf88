import type { BertConfig } from "@x/models-nlp";
import { rowsOf, type Weight, type Weights } from "../weights.ts";
import { ModelGraph } from "./layers.ts";

/** Of BERT's kin: RoBERTa, DistilBERT, MPNet, ELECTRA. */
export type KinConfig = Pick<BertConfig, "hiddenSize" | "numHiddenLayers" | "numAttentionHeads" | "layerNormEps">;

export interface KinOptions {
  /** What layers are made of. */
  readonly Graph?: typeof ModelGraph;
  /** The first token's row of the table of positions. Default 0. */
  readonly firstPosition?: number;
  /** What attention adds to its scores, (1, heads, N, N). Default nothing. */
  readonly scoreBias?: Weight;
}

/** input_ids (B, N), without padding → last_hidden_state (B, N, D) */
export function bertModel(
  config: KinConfig,
  weights: Weights,
  batch: number,
  length: number,
  { Graph = ModelGraph, firstPosition = 0, scoreBias }: KinOptions = {},
): Uint8Array<ArrayBuffer> {
  const { hiddenSize, numHiddenLayers, numAttentionHeads } = config;
  const graph = new Graph(weights, config.layerNormEps);
  const ids = graph.input("input_ids", [batch, length], "int64");
  const words = graph.op("Gather", [graph.parameter("embeddings.wordEmbeddings.weight"), ids], { axis: 0 });
  const rows = (path: string, first: number, count: number) => {
    const { dims, data } = rowsOf(weights.get(path), first, first + count);
    return graph.weight(`${path}.rows`, dims, data);
  };
  const types = "embeddings.tokenTypeEmbeddings.weight";
  const typed = weights.has(types) ? graph.op("Add", [words, rows(types, 0, 1)]) : words;
  let x = graph.norm(graph.op("Add", [typed, rows("embeddings.positionEmbeddings.weight", firstPosition, length)]), "embeddings.norm");
  if (weights.has("embeddings.toHidden.weight")) x = graph.linear(x, "embeddings.toHidden");
  const bias = scoreBias && graph.weight("scoreBias", scoreBias.dims, scoreBias.data);
  for (let i = 0; i < numHiddenLayers; i++) {
    const path = `blocks.${i}`;
    const attended = graph.selfAttention(x, `${path}.mixer`, hiddenSize, numAttentionHeads, bias);
    const mixed = graph.norm(graph.op("Add", [attended, x]), `${path}.norm1`);
    x = graph.norm(graph.op("Add", [graph.feedForward(mixed, `${path}.mlp`), mixed]), `${path}.norm2`);
  }
  graph.output(x, "last_hidden_state", [batch, length, hiddenSize]);
  return graph.toBytes();
}
