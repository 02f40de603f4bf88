import { add, multiply, noGrad, patchify, reshape, scaleAndShift, type Tensor, unpatchify } from "@x/layers";
import { checkImages, checkModel } from "@x/layers/model";
import type { MAE } from "../mae/mae.ts";
import { patchMoments } from "../mae/masked-patch-loss.ts";

/** Images (B, C, H, W) to look at, on the scale of the ones that came in. He et al. 2022, figures 2 to 4. */
export interface Reconstruction {
  /** What the encoder saw; zeros, the training images' mean colour, where patches are masked. */
  readonly visible: Tensor;
  /** All patches as the decoder predicts them. */
  readonly predicted: Tensor;
  /** What the encoder saw, and predictions where patches are masked. */
  readonly completed: Tensor;
}

/**
 * Masks images, predicts what is missing, and puts the pictures together. Where the model predicts normalised patches (`normPixLoss`), each gets back
 * the mean and deviation of the image's own patch, which the model never saw.
 * @param images (B, C, H, W)
 * @param noise (B, N), such as `model.drawNoise(images, rng)`
 */
export function reconstruct(model: MAE, images: Tensor, noise: Tensor): Reconstruction {
  checkModel("reconstruct", model, ["drawNoise"], "MAE");
  checkImages("reconstruct", images, model.config.numChannels);
  const { patchSize, normPixLoss } = model.config;
  const [, , height = 0, width = 0] = images.shape;
  return noGrad(() => {
    const { predicted, mask } = model.forward(images, noise);
    const patches = patchify(images, patchSize, "channelsLast"); //              (B, N, P·P·C)
    const { centre, deviation } = patchMoments(patches);
    const pixels = normPixLoss ? add(multiply(predicted, deviation), centre) : predicted;
    const isMasked = reshape(mask.mask, [...mask.mask.shape, 1]); //             (B, N, 1)
    const seen = multiply(patches, scaleAndShift(isMasked, -1, 1));
    const picture = (parts: Tensor) => unpatchify(parts, patchSize, height, width, "channelsLast");
    return { visible: picture(seen), predicted: picture(pixels), completed: picture(add(seen, multiply(pixels, isMasked))) };
  });
}
