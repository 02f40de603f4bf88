import { add, crossEntropy, exp, intTensor, matmul, multiply, scaleAndShift, ShapeError, type Tensor, transpose } from "@x/layers";

/**
 * The symmetric loss over all pairs of a batch: every image shall find its own text among all, and every text its image. Radford et al. 2021, §2.3.
 * imageEmbeddings (N, E) and textEmbeddings (N, E), rows of length 1, number i of each belonging together; logitScale () → ().
 * @throws ShapeError when they aren't as many
 */
export function contrastiveLoss(imageEmbeddings: Tensor, textEmbeddings: Tensor, logitScale: Tensor): Tensor {
  checkPairs(imageEmbeddings, textEmbeddings);
  const [count = 0] = imageEmbeddings.shape;
  const labels = intTensor(Array.from({ length: count }, (_, i) => i));
  const cosines = matmul(imageEmbeddings, textEmbeddings, { transposeB: true }); //       (N, N)
  const logits = multiply(cosines, exp(logitScale));
  const losses = add(crossEntropy(logits, labels), crossEntropy(transpose(logits), labels));
  return scaleAndShift(losses, 0.5, 0);
}

/** @throws ShapeError unless both are (N, E) */
export function checkPairs(images: Tensor, texts: Tensor): void {
  if (images.shape.length !== 2 || images.shape.join() !== texts.shape.join()) {
    throw new ShapeError("contrastiveLoss", "images and texts must be as many, (N, E) each", { images: images.shape, texts: texts.shape });
  }
}
