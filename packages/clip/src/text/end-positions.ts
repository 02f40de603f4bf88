import { type Tensor, TensorError } from "@x/layers";

/** The [EOS] id that the first published configs name wrongly; what is meant is the greatest id. */
const LEGACY_EOS = 2;

/**
 * Where each text of inputIds (B, N) ends: the first token of id `eosTokenId`, or for `eosTokenId` 2 the first of the text's greatest id.
 * @throws TensorError when a text has no [EOS]
 */
export function endPositions(inputIds: Tensor<"int32">, eosTokenId: number): number[] {
  const [batch = 0, length = 0] = inputIds.shape;
  return Array.from({ length: batch }, (_, text) => {
    const ids = inputIds.data.subarray(text * length, (text + 1) * length);
    const end = ids.indexOf(eosTokenId === LEGACY_EOS ? ids.reduce((a, b) => Math.max(a, b), 0) : eosTokenId);
    if (end < 0) throw new TensorError(`CLIP: text ${text} has no end: none of its ids is eosTokenId, ${eosTokenId}`);
    return end;
  });
}
