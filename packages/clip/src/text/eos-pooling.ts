import { gatherTokens, intTensor, reshape, type Tensor, TensorError } from "@x/layers";

/** The [EOS] id that the first published configs name wrongly; what is meant is the greatest id. */
const LEGACY_EOS = 2;

/**
 * EOS pooling: what stands for a text is its token at [EOS], where a causal model has seen all of it. Radford et al. 2021, §2.4.
 * tokens (B, N, D) of inputIds (B, N) → (B, D). @throws TensorError when a text has no [EOS]
 */
export function eosPooling(tokens: Tensor, inputIds: Tensor<"int32">, eosTokenId: number): Tensor {
  const ends = intTensor(endPositions(inputIds, eosTokenId).map((end) => [end])); // (B, 1)
  return reshape(gatherTokens(tokens, ends), [-1, tokens.shape[2] ?? 0]);
}

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
