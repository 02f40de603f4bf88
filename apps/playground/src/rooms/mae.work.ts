/** Paints in what is masked. He et al. 2022. */
import { add, multiply, noGrad, patchify, reshape, scaleAndShift, tensor, unpatchify } from "@x/layers";
import { MAE, randomMasking } from "@x/models-vision";
import type { Tools } from "../room.ts";
import { grey28 } from "../worker/grey.ts";

const [SIDE, PATCH, GRID] = [28, 4, 7];

export interface MaeWork {
  /** pixels 28 × 28, from −1 to 1; which of the 7 × 7 patches aren't seen → the picture with these painted in */
  complete(pixels: Float32Array, masked: readonly boolean[]): Float32Array;
}

export async function open({ files }: Tools): Promise<MaeWork> {
  const mae = await MAE.fromPretrained(await files("digits-mae"));
  return {
    complete: (pixels, masked) =>
      noGrad(() => {
        const images = grey28(pixels); //                                                          (1, 3, 28, 28)
        const count = masked.filter(Boolean).length;
        const noise = tensor(masked.map(Number), [1, GRID * GRID]); // the smallest are kept
        const mask = randomMasking(noise, Math.max(0, count - 0.5) / GRID ** 2);
        const latent = mae.encode(images, mask.keptIds); //                                        (1, 1 + K, D)
        const predicted = mae.decoder.forward(latent, mask.restoreIds, [GRID, GRID]); //           (1, 49, 48)
        const isMasked = reshape(mask.mask, [1, GRID ** 2, 1]);
        const seen = multiply(patchify(images, PATCH, "channelsLast"), scaleAndShift(isMasked, -1, 1));
        const whole = unpatchify(add(seen, multiply(predicted, isMasked)), PATCH, SIDE, SIDE, "channelsLast");
        return whole.toTypedArray().slice(0, SIDE * SIDE);
      }),
  };
}
