import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../case.ts";

/** Multi-head self-attention from packed queries, keys and values: qkv (B, N, 3D) → (B, N, D). */
export function selfAttentionOf(tf: TensorFlow, qkv: Tensor3D, numHeads: number): Tensor3D {
  const [batch, length, triple] = qkv.shape;
  const headSize = triple / 3 / numHeads;
  const heads = qkv.reshape([batch * length, 3, numHeads, headSize]);
  const part = (index: number): Tensor4D => heads.slice([0, index], [-1, 1]).reshape([batch, length, numHeads, headSize]);
  const query = part(0).transpose([0, 2, 1, 3]); //     (B, h, N, d)
  const key = part(1).transpose([0, 2, 3, 1]); //       (B, h, d, N): far faster than matMul's transposeB
  const value = part(2).transpose([0, 2, 1, 3]); //     (B, h, N, d)
  const scores = query.mul(headSize ** -0.5).matMul(key); // (B, h, N, N)
  const mixed = tf.softmax(scores).matMul(value); //    (B, h, N, d)
  return mixed.transpose([0, 2, 1, 3]).reshape([batch, length, triple / 3]);
}
