import { intTensor, type Tensor } from "@x/layers";

/**
 * inputIds (B, N) filled up to (B, length), and what the attention mask (B, N) calls padding replaced; themselves where nothing is to be done.
 * @param padTokenId what they are filled with
 */
export function padTexts(inputIds: Tensor<"int32">, length: number, padTokenId: number, attentionMask?: Tensor<"int32">): Tensor<"int32"> {
  const [batch = 0, given = 0] = inputIds.shape;
  const mask = attentionMask?.data;
  if (given >= length && mask?.includes(0) !== true) return inputIds;
  const rows = new Int32Array(batch * Math.max(given, length)).fill(padTokenId);
  for (const [i, id] of inputIds.data.entries()) {
    if (mask?.[i] !== 0) rows[Math.floor(i / given) * Math.max(given, length) + (i % given)] = id;
  }
  return intTensor(rows, [batch, Math.max(given, length)]);
}
