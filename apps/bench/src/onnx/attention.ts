import type { OnnxGraph, Value } from "./graph.ts";

/**
 * Multi-head self-attention, query, key and value (B, N, D) → (B, N, D), as onnxruntime.transformers.optimizer writes it: one contrib operator, whose
 * kernel is the fastest of the forms that ONNX Runtime has on CPUs.
 * @param options.scoreBias added to the scores, (1 or B, heads, N, N) @param options.scale multiplies the products. Default 1 / √d
 */
export function multiHeadAttention(
  graph: OnnxGraph,
  query: Value,
  key: Value,
  value: Value,
  numHeads: number,
  { scoreBias, scale }: { readonly scoreBias?: Value | undefined; readonly scale?: number | undefined } = {},
): Value {
  const inputs = [query, key, value, ...(scoreBias ? ["", "", scoreBias] : [])];
  const attributes = { num_heads: numHeads, ...(scale !== undefined && { scale: { float: scale } }) };
  return graph.op("MultiHeadAttention", inputs, attributes, "com.microsoft");
}
