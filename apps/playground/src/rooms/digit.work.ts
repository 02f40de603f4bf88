/** Reads digits, and tells where each head looked. */
import { mean, noGrad, softmax, Trace } from "@x/layers";
import { attentionMap, ViT } from "@x/models-vision";
import type { Tools } from "../room.ts";
import { grey28 } from "../worker/grey.ts";

export interface Reading {
  /** One for each digit. */
  readonly probabilities: Float32Array;
  /** How much each of the 7 × 7 patches was drawn on through all layers. */
  readonly map: Float32Array;
  /** Of every layer and head, how much each patch was looked at on average. */
  readonly heads: readonly (readonly Float32Array[])[];
}

export interface DigitWork {
  /** pixels 28 × 28, from −1 to 1 */
  read(pixels: Float32Array): Reading;
}

export async function open({ files }: Tools): Promise<DigitWork> {
  const vit = await ViT.fromPretrained(await files("digits-vit"));
  return {
    read: (pixels) =>
      noGrad(() => {
        const images = grey28(pixels); //                              (1, 3, 28, 28)
        const trace = new Trace({ hiddenStates: false });
        const probabilities = softmax(vit.forward(images, { trace })).toTypedArray();
        const heads = trace.attentions.map((attention) => {
          const seen = mean(attention, 2); //                          (1, heads, 1 + 49): over queries
          const [, count = 0, length = 0] = seen.shape;
          const values = seen.toTypedArray();
          return Array.from({ length: count }, (_, head) => values.slice(head * length + vit.numSpecialTokens, (head + 1) * length));
        });
        return { probabilities, map: attentionMap(vit, images).toTypedArray(), heads };
      }),
  };
}
