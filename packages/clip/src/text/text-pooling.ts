/** Which token's feature stands for a text. */
import { gatherTokens, intTensor, reshape, type Tensor, TensorError } from "@x/layers";
import type { TextPooling } from "../config.ts";

/**
 * CLIP's own is EOS pooling: what stands for a text is its token at [EOS], where a causal model has seen all of it. Radford et al. 2021, §2.4.
 * tokens (B, N, D) of inputIds (B, N) → (B, D). @throws TensorError when a text has no [EOS]
 */
export function poolText(tokens: Tensor, inputIds: Tensor<"int32">, pooling: TextPooling, eosTokenId: number): Tensor {
  const places = intTensor(placesOf(inputIds, pooling, eosTokenId).map((place) => [place])); // (B, 1)
  return reshape(gatherTokens(tokens, places), [-1, tokens.shape[2] ?? 0]);
}

/** In each text of inputIds (B, N), the place of the token that stands for it. @throws TensorError when it is [EOS] and there is none */
export function placesOf(inputIds: Tensor<"int32">, pooling: TextPooling, eosTokenId: number): number[] {
  const [batch = 0, length = 0] = inputIds.shape;
  if (pooling === "first" || pooling === "last") return Array.from({ length: batch }, () => (pooling === "first" ? 0 : length - 1));
  return Array.from({ length: batch }, (_, text) => {
    const ids = inputIds.data.subarray(text * length, (text + 1) * length);
    const end = ids.indexOf(pooling === "greatest" ? ids.reduce((a, b) => Math.max(a, b), 0) : eosTokenId);
    if (end < 0) throw new TensorError(`CLIP: text ${text} has no end: none of its ids is eosTokenId, ${eosTokenId}`);
    return end;
  });
}
