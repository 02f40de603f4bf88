import type { ModernBertConfig } from "@x/models-nlp";
import type { Weights } from "../weights.ts";
import { multiHeadAttention } from "./attention.ts";
import type { Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** input_ids (B, N), without padding → last_hidden_state (B, N, D). Rotary positions are one contrib operator, as onnxruntime.transformers.optimizer writes them. */
export function modernBertModel(config: ModernBertConfig, weights: Weights, batch: number, length: number): Uint8Array<ArrayBuffer> {
  const { hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads, localAttention } = config;
  const graph = new ModelGraph(weights, config.layerNormEps);
  const ids = graph.input("input_ids", [batch, length], "int64");
  let x = graph.norm(graph.op("Gather", [graph.parameter("embeddings.wordEmbeddings.weight"), ids], { axis: 0 }), "embeddings.norm");
  const [globally, locally] = [config.globalRopeTheta, config.localRopeTheta].map((theta) =>
    rotary(graph, theta, length, hiddenSize / numAttentionHeads),
  );
  const nearby = graph.weight("nearby", [1, 1, length, length], unseen(length, Math.floor(localAttention / 2)));
  for (let i = 0; i < numHiddenLayers; i++) {
    const path = `blocks.${i}`;
    const isLocal = i % 3 > 0;
    const normed = i === 0 ? x : graph.norm(x, `${path}.norm1`);
    const [query = "", key = "", value = ""] = [0, 1, 2].map((part) => {
      const projected = graph.linear(normed, `${path}.mixer.qkv`, part * hiddenSize, hiddenSize);
      const tables = (isLocal ? locally : globally) ?? [];
      return part === 2
        ? projected
        : graph.op("RotaryEmbedding", [projected, graph.ints([0]), ...tables], { num_heads: numAttentionHeads }, "com.microsoft");
    });
    const attended = multiHeadAttention(graph, query, key, value, numAttentionHeads, { scoreBias: isLocal ? nearby : undefined });
    const mixed = graph.op("Add", [graph.linear(attended, `${path}.mixer.proj`), x]);
    const inner = graph.norm(mixed, `${path}.norm2`);
    const gate = graph.gelu(graph.linear(inner, `${path}.mlp.fc1`, 0, intermediateSize));
    const gated = graph.op("Mul", [gate, graph.linear(inner, `${path}.mlp.fc1`, intermediateSize, intermediateSize)]);
    x = graph.op("Add", [graph.linear(gated, `${path}.mlp.fc2`), mixed]);
  }
  graph.output(graph.norm(x, "norm"), "last_hidden_state", [batch, length, hiddenSize]);
  return graph.toBytes();
}

/** Cosines and sines of every place's angles (N, headSize / 2). */
function rotary(graph: ModelGraph, theta: number, length: number, headSize: number): readonly Value[] {
  const half = headSize / 2;
  const angles = Float32Array.from(
    { length: length * half },
    (_, at) => Math.floor(at / half) * Math.fround(theta ** (-(at % half) / half)),
  );
  return [Math.cos, Math.sin].map((wave) => graph.weight(`${wave.name}.${theta}`, [length, half], angles.map(wave)));
}

/** Added to scores (N, N): 0 for keys up to `reach` away. */
const unseen = (length: number, reach: number): Float32Array =>
  Float32Array.from({ length: length ** 2 }, (_, at) => (Math.abs(Math.floor(at / length) - (at % length)) <= reach ? 0 : -1e9));
