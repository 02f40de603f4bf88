import type { Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../case.ts";

/** Layer normalisation over the last axis. */
export function layerNormOf(tf: TensorFlow, x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor {
  const centred = x.sub(x.mean(-1, true));
  const variance = centred.square().mean(-1, true);
  return centred
    .mul(tf.rsqrt(variance.add(eps)))
    .mul(weight)
    .add(bias);
}
