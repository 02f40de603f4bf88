import { add, binaryCrossEntropy, exp, matmul, multiply, scaleAndShift, type Tensor, tensor } from "@x/layers";
import { checkPairs } from "../train/contrastive-loss.ts";

/**
 * The sigmoid loss over all pairs of a batch: −1/N · Σ log σ(±(t · cos + b)), + for a text that belongs to the image, − for every other. Each pair is a
 * yes or no of its own, so the sum may be taken in any parts. Zhai et al. 2023, §3.2, algorithm 1.
 * imageEmbeddings (N, E) and textEmbeddings (N, E), rows of length 1, number i of each belonging together; logitScale ln t and logitBias b, (1) or () → ().
 * @throws ShapeError when they aren't as many
 */
export function sigmoidLoss(imageEmbeddings: Tensor, textEmbeddings: Tensor, logitScale: Tensor, logitBias: Tensor): Tensor {
  checkPairs(imageEmbeddings, textEmbeddings);
  const [count = 0] = imageEmbeddings.shape;
  const cosines = matmul(imageEmbeddings, textEmbeddings, { transposeB: true }); // (N, N)
  const logits = add(multiply(cosines, exp(logitScale)), logitBias);
  const belong = tensor(
    Float32Array.from({ length: count ** 2 }, (_, i) => (i % (count + 1) === 0 ? 1 : 0)),
    [count, count],
  );
  return scaleAndShift(binaryCrossEntropy(logits, belong), count, 0);
}
