import { divide, mean, multiply, reshape, scaleAndShift, sqrt, square, subtract, sum, type Tensor } from "@x/layers";

/**
 * Mean squared error over the masked patches only. He et al. 2022, §3, "Reconstruction target".
 * predicted and target (B, N, P·P·C), mask (B, N) with 1 for masked → ()
 */
export function maskedPatchLoss(predicted: Tensor, target: Tensor, mask: Tensor): Tensor {
  const perPatch = mean(square(subtract(predicted, target)), -1); //        (B, N)
  return divide(sum(multiply(perPatch, mask)), sum(mask));
}

/** Each patch minus its mean, over its deviation (unbiased, plus 1e-6 under the root): (B, N, P·P·C) → the same. */
export function normalizePatches(patches: Tensor): Tensor {
  const [batch = 0, numPatches = 0, length = 0] = patches.shape;
  const overPatch = (moment: Tensor) => reshape(moment, [batch, numPatches, 1]);
  const centred = subtract(patches, overPatch(mean(patches, -1)));
  const variance = scaleAndShift(sum(square(centred), -1), 1 / (length - 1), 1e-6);
  return divide(centred, overPatch(sqrt(variance)));
}
