import { divide, mean, multiply, reshape, scaleAndShift, sqrt, square, subtract, sum, type Tensor } from "@x/layers";

/**
 * Mean squared error over the masked patches only. He et al. 2022, §3, "Reconstruction target".
 * predicted and target (B, N, P·P·C), mask (B, N) with 1 for masked → ()
 */
export function maskedPatchLoss(predicted: Tensor, target: Tensor, mask: Tensor): Tensor {
  const perPatch = mean(square(subtract(predicted, target)), -1); //        (B, N)
  return divide(sum(multiply(perPatch, mask)), sum(mask));
}

/** Each patch minus its mean, over its deviation: (B, N, P·P·C) → the same. */
export function normalizePatches(patches: Tensor): Tensor {
  const { centre, deviation } = patchMoments(patches);
  return divide(subtract(patches, centre), deviation);
}

/** Each patch's mean, and its deviation: unbiased, with 1e-6 under the root. patches (B, N, P·P·C) → both (B, N, 1). */
export function patchMoments(patches: Tensor): { readonly centre: Tensor; readonly deviation: Tensor } {
  const [batch = 0, numPatches = 0, length = 0] = patches.shape;
  const centre = reshape(mean(patches, -1), [batch, numPatches, 1]);
  const variance = scaleAndShift(sum(square(subtract(patches, centre)), -1), 1 / (length - 1), 1e-6);
  return { centre, deviation: reshape(sqrt(variance), [batch, numPatches, 1]) };
}
