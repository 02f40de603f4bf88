import { TensorError } from "@x/layers";
import type { FNetConfig } from "./config.ts";

/**
 * Whether each layer of a hybrid attends, first layer first. Lee-Thorp et al. 2022, appendix A.3; the places are the authors' code's.
 * "mixed" takes every ⌊layers / numAttentionLayers⌋-th layer from the first on, which can be some more.
 * @throws TensorError when there are more attending layers than layers
 */
export function attentionLayers(config: Pick<FNetConfig, "numHiddenLayers" | "numAttentionLayers" | "attentionLayout">): boolean[] {
  const { numHiddenLayers: layers, numAttentionLayers: attending, attentionLayout } = config;
  if (!(attending >= 0 && attending <= layers)) {
    throw new TensorError(`FNet: numAttentionLayers must be from 0 to numHiddenLayers, but is ${attending} of ${layers}`);
  }
  const places = {
    top: (i: number) => i >= layers - attending,
    bottom: (i: number) => i < attending,
    middle: (i: number) => layers - attending <= 2 * i && 2 * i < layers + attending,
    mixed: (i: number) => attending > 0 && i % Math.floor(layers / attending) === 0,
  };
  return Array.from({ length: layers }, (_, i) => places[attentionLayout](i));
}
