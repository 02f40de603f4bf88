/** What the hidden units of the first token-mixing MLP look for, and which of them a drawing wakes. Tolstikhin et al. 2021. */
import { noGrad, softmax, transpose } from "@x/layers";
import { MLPMixer } from "@x/models-vision";
import type { Tools } from "../room.ts";
import { grey28 } from "../worker/grey.ts";

export interface MixerWork {
  /** A filter over the 14 × 14 patches for each hidden unit. */
  filters(): Float32Array[];
  /** The digits' probabilities, and how strongly each hidden unit answers, over all channels. */
  read(pixels: Float32Array): { readonly probabilities: Float32Array; readonly answers: Float32Array };
}

export async function open({ files }: Tools): Promise<MixerWork> {
  const mixer = await MLPMixer.fromPretrained(await files("digits-mixer"));
  const weight = mixer.namedParameters().get("blocks.0.mixer.mlp.fc1.weight");
  const [block] = mixer.blocks;
  if (!weight || !block) throw new Error("the model has no first block");
  const [units = 0, patches = 0] = weight.shape;
  const values = weight.toTypedArray();
  return {
    filters: () => Array.from({ length: units }, (_, unit) => values.slice(unit * patches, (unit + 1) * patches)),
    read: (pixels) =>
      noGrad(() => {
        const images = grey28(pixels);
        const probabilities = softmax(mixer.forward(images)).toTypedArray();
        const tokens = block.norm1.forward(mixer.patchEmbed.forward(images)); //   (1, 196, C)
        const channels = transpose(tokens).toTypedArray(); //                      (1, C, 196)
        return { probabilities, answers: answersTo(channels) };
      }),
  };

  /** The mean size of each unit's product with a channel. */
  function answersTo(channels: Float32Array): Float32Array {
    const count = channels.length / patches;
    return Float32Array.from({ length: units }, (_, unit) => {
      let sum = 0;
      for (let channel = 0; channel < count; channel++) {
        let product = 0;
        for (let p = 0; p < patches; p++) product += (values[unit * patches + p] ?? 0) * (channels[channel * patches + p] ?? 0);
        sum += Math.abs(product);
      }
      return sum / count;
    });
  }
}
