import { add, logSoftmax, mean, multiply, noGrad, scaleAndShift, softmax, sum, type Tensor } from "@x/layers";
import { softCrossEntropy } from "./soft-cross-entropy.ts";

/**
 * T² · KL(teacher ‖ student), of both logits divided by the temperature T, as a mean over the rows: Hinton et al. 2015, §2. The teacher gets no gradient.
 * student and teacher (…, classes) → ()
 * @param temperature how much is made of the classes that the teacher finds unlikely. Default 2
 */
export function distillationLoss(student: Tensor, teacher: Tensor, temperature = 2): Tensor {
  const scaled = (logits: Tensor): Tensor => scaleAndShift(logits, 1 / temperature, 0);
  const [targets, negentropy] = noGrad(() => {
    const shares = softmax(scaled(teacher)); // (…, classes)
    return [shares, mean(sum(multiply(shares, logSoftmax(scaled(teacher))), -1))] as const;
  });
  return scaleAndShift(add(softCrossEntropy(scaled(student), targets), negentropy), temperature ** 2, 0);
}
