import { logSoftmax, mean, multiply, scaleAndShift, ShapeError, sum, type Tensor } from "@x/layers";

/**
 * Mean over the rows of −Σ t · log softmax(logits): the cross-entropy of targets that are shares of classes, as MixUp and teachers give them.
 * logits and targets (…, classes) → ()
 * @throws ShapeError when the shapes differ
 */
export function softCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  if (logits.shape.join() !== targets.shape.join())
    throw new ShapeError("softCrossEntropy", "logits and targets must have one shape", { logits: logits.shape, targets: targets.shape });
  return scaleAndShift(mean(sum(multiply(targets, logSoftmax(logits)), -1)), -1, 0);
}
