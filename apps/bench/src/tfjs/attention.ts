import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../case.ts";

/** From this many tokens on, single products are faster than one of a batch. */
const LONG = 128;

/**
 * Multi-head self-attention from packed queries, keys and values: qkv (B, N, 3D) → (B, N, D). The WebAssembly backend multiplies single matrices
 * several times as fast as batches of them, but to cut one out of a batch it copies the whole batch: hence item by item, then head by head.
 */
export function selfAttentionOf(tf: TensorFlow, qkv: Tensor3D, numHeads: number): Tensor3D {
  const [batch, length] = qkv.shape;
  if (length < LONG) return attend(tf, qkv, numHeads, (query, key, value) => tf.softmax(query.matMul(key)).matMul(value));
  const eachHead = (query: Tensor4D, key: Tensor4D, value: Tensor4D): Tensor => {
    const [keys, values] = [tf.unstack(key.squeeze([0])), tf.unstack(value.squeeze([0]))];
    const mixed = tf
      .unstack(query.squeeze([0]))
      .map((q, head) => tf.tidy(() => tf.softmax(q.matMul(keys[head] ?? q)).matMul(values[head] ?? q)));
    return tf.stack(mixed);
  };
  const items: Tensor3D[] = batch === 1 ? [qkv] : tf.split(qkv, batch);
  return tf.concat(items.map((item) => attend(tf, item, numHeads, eachHead)));
}

/** Cuts qkv into heads and puts them together again; `mix` gets scaled queries (B, h, N, d), keys (B, h, d, N) and values (B, h, N, d). */
function attend(
  tf: TensorFlow,
  qkv: Tensor3D,
  numHeads: number,
  mix: (query: Tensor4D, key: Tensor4D, value: Tensor4D) => Tensor,
): Tensor3D {
  const [batch, length, triple] = qkv.shape;
  const headSize = triple / 3 / numHeads;
  return tf.tidy(() => {
    const packed = qkv.reshape([batch * length, 3, numHeads, headSize]);
    const part = (index: number): Tensor4D => packed.slice([0, index], [-1, 1]).reshape([batch, length, numHeads, headSize]);
    const query = part(0).mul<Tensor4D>(headSize ** -0.5);
    const mixed = mix(query.transpose([0, 2, 1, 3]), part(1).transpose([0, 2, 3, 1]), part(2).transpose([0, 2, 1, 3]));
    return mixed
      .reshape([batch, numHeads, length, headSize])
      .transpose([0, 2, 1, 3])
      .reshape([batch, length, triple / 3]);
  });
}
