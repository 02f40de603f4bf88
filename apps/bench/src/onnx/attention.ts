import type { OnnxGraph, Value } from "./graph.ts";

/**
 * Multi-head self-attention, query, key and value (B, N, D) → (B, N, D), as onnxruntime.transformers.optimizer writes it: one contrib operator, whose
 * kernel is the fastest of the forms that ONNX Runtime has on CPUs. @param scoreBias added to the scores, (1 or B, heads, N, N)
 */
export function multiHeadAttention(graph: OnnxGraph, query: Value, key: Value, value: Value, numHeads: number, scoreBias?: Value): Value {
  const inputs = [query, key, value, ...(scoreBias ? ["", "", scoreBias] : [])];
  return graph.op("MultiHeadAttention", inputs, { num_heads: numHeads }, "com.microsoft");
}
