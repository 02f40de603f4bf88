import { intTensor, type Tensor } from "@x/layers";

/** inputIds (B, N) filled up to (B, length); themselves where nothing is missing. */
export function padTexts(inputIds: Tensor<"int32">, length: number, padTokenId: number): Tensor<"int32"> {
  const [batch = 0, given = 0] = inputIds.shape;
  if (given >= length) return inputIds;
  const rows = new Int32Array(batch * length).fill(padTokenId);
  for (let row = 0; row < batch; row++) rows.set(inputIds.data.subarray(row * given, (row + 1) * given), row * length);
  return intTensor(rows, [batch, length]);
}
