import { drawUniform, empty, intTensor, type Rng, ShapeError, tensor, type Tensor, TensorError } from "@x/layers";
import { checkFloats } from "@x/layers/model";

/** Which patches of each image are seen. N patches, K of them kept. */
export interface RandomMask {
  /** Positions of the kept patches, in the order the encoder gets them: (B, K). */
  readonly keptIds: Tensor<"int32">;
  /** Positions of the masked patches: (B, N − K). */
  readonly maskedIds: Tensor<"int32">;
  /** Where each patch stands in [kept; masked], to put them back in order: (B, N). */
  readonly restoreIds: Tensor<"int32">;
  /** 1 where a patch is masked, 0 where it is kept: (B, N). */
  readonly mask: Tensor;
}

/** Which end of the sorted noise is kept: the smallest (the authors' code), or the largest (the smallest are masked). */
export type MaskConvention = "keepSmallest" | "maskSmallest";

/**
 * Per-sample random masking by sorting noise. He et al. 2022, §3, "Simple implementation".
 * @param noise one number for each patch (B, N); equal ones keep their order
 * @param maskRatio share of the patches to mask; trunc(N · (1 − maskRatio)) are kept
 * @throws TensorError when maskRatio is not in [0, 1)
 */
export function randomMasking(noise: Tensor, maskRatio: number, convention: MaskConvention = "keepSmallest"): RandomMask {
  checkFloats("randomMasking", { noise });
  const [batch = 0, length = 0] = noise.shape;
  if (noise.shape.length !== 2) throw new ShapeError("randomMasking", "noise must be (B, N)", { noise: noise.shape });
  if (!(maskRatio >= 0 && maskRatio < 1))
    throw new TensorError(`randomMasking: maskRatio is from 0 up to but not including 1, but is ${maskRatio}`);
  const numKept = Math.trunc(length * (1 - maskRatio));

  const kept: number[] = [];
  const masked: number[] = [];
  const restore = new Int32Array(batch * length);
  const mask = new Float32Array(batch * length).fill(1);
  const values = noise.toTypedArray();
  for (let b = 0; b < batch; b++) {
    const row = values.subarray(b * length, (b + 1) * length);
    const sorted = Array.from(row.keys()).sort((i, j) => (row[i] ?? 0) - (row[j] ?? 0));
    const numFirst = convention === "keepSmallest" ? numKept : length - numKept;
    const [first, rest] = [sorted.slice(0, numFirst), sorted.slice(numFirst)];
    const [keptHere, maskedHere] = convention === "keepSmallest" ? [first, rest] : [rest, first];
    for (const [rank, patch] of [...keptHere, ...maskedHere].entries()) restore[b * length + patch] = rank;
    for (const patch of keptHere) mask[b * length + patch] = 0;
    kept.push(...keptHere);
    masked.push(...maskedHere);
  }
  return {
    keptIds: intTensor(kept, [batch, numKept]),
    maskedIds: intTensor(masked, [batch, length - numKept]),
    restoreIds: intTensor(restore, [batch, length]),
    mask: tensor(mask, [batch, length]),
  };
}

/** Noise to sort by, uniform in [0, 1): (B, N). */
export function maskingNoise(batch: number, numPatches: number, rng: Rng): Tensor {
  const noise = empty([batch, numPatches]);
  drawUniform(noise, rng);
  return noise;
}
