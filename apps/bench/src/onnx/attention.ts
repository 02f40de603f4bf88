import type { OnnxGraph, Value } from "./graph.ts";

/**
 * Multi-head self-attention, query, key and value (B, N, D) → (B, N, D), as onnxruntime.transformers.optimizer writes it: one contrib operator, whose
 * kernel is the fastest of the forms that ONNX Runtime has on CPUs.
 */
export const multiHeadAttention = (graph: OnnxGraph, query: Value, key: Value, value: Value, numHeads: number): Value =>
  graph.op("MultiHeadAttention", [query, key, value], { num_heads: numHeads }, "com.microsoft");
