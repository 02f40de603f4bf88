import { add, crossEntropy, intTensor, scaleAndShift, type Tensor } from "@x/layers";

/**
 * Mean of the cross-entropies of an answer's first and last token, for each of which all positions of a text compete. Devlin et al. 2019, §4.2.
 * logits (B, N), positions (B) → ().
 *
 * A position beyond the text, where an answer was cut off, counts for nothing, as in Hugging Face's library.
 */
export function answerLoss(
  { startLogits, endLogits }: { readonly startLogits: Tensor; readonly endLogits: Tensor },
  startPositions: Tensor<"int32">,
  endPositions: Tensor<"int32">,
): Tensor {
  const loss = (logits: Tensor, positions: Tensor<"int32">): Tensor => {
    const [, length = 0] = logits.shape;
    return crossEntropy(
      logits,
      intTensor(
        positions.toTypedArray().map((position) => (position < length ? position : -100)),
        positions.shape,
      ),
    );
  };
  return scaleAndShift(add(loss(startLogits, startPositions), loss(endLogits, endPositions)), 0.5, 0);
}
