import { intTensor, type Tensor } from "@x/layers";
import type { TransformerConfig } from "./config.ts";

/**
 * What the decoder is given to predict `labels` (B, M) from: the same one place later, the start token first; −100 becomes padding. Vaswani et al. 2017, §3.1.
 */
export function shiftRight(
  labels: Tensor<"int32">,
  { decoderStartTokenId, padTokenId }: Pick<TransformerConfig, "decoderStartTokenId" | "padTokenId">,
): Tensor<"int32"> {
  const [, length = 1] = labels.shape;
  const given = labels.toTypedArray();
  const shifted = Int32Array.from(given, (_, i) => (i % length === 0 ? decoderStartTokenId : (given[i - 1] ?? 0)));
  return intTensor(
    shifted.map((id) => (id === -100 ? padTokenId : id)),
    labels.shape,
  );
}
