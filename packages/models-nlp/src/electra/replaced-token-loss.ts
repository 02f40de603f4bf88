import { binaryCrossEntropy, gatherTokens, intTensor, reshape, tensor, type Tensor } from "@x/layers";

/**
 * Mean over the texts' tokens of the cross-entropy of whether each was replaced, padding left out: logits (B, N), replaced (B, N), 1 for a token that a generator
 * put there → (). Clark et al. 2020, §2, eq. 2.
 */
export function replacedTokenLoss(logits: Tensor, replaced: Tensor<"int32">, attentionMask?: Tensor<"int32">): Tensor {
  const targets = replaced.toTypedArray();
  const mask = attentionMask?.toTypedArray();
  const places = Int32Array.from(targets.keys()).filter((i) => mask?.[i] !== 0);
  const kept = gatherTokens(reshape(logits, [1, logits.size, 1]), intTensor(places, [1, places.length])); // (1, tokens, 1)
  const wanted = Float32Array.from(places, (i) => targets[i] ?? 0);
  return binaryCrossEntropy(kept, tensor(wanted, kept.shape));
}
