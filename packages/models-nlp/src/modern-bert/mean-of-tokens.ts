import { divide, mean, multiply, sum, tensor, type Tensor } from "@x/layers";

/** tokens (B, N, D), attentionMask (B, N), 1 for a token → the mean of each text's tokens (B, D) */
export function meanOfTokens(tokens: Tensor, attentionMask: Tensor<"int32"> | undefined): Tensor {
  if (!attentionMask) return mean(tokens, 1);
  const [batch = 0, length = 0] = attentionMask.shape;
  const kept = tensor(Float32Array.from(attentionMask.toTypedArray()), [batch, length, 1]);
  return divide(sum(multiply(tokens, kept), 1), sum(kept, 1)); //           (B, D) / (B, 1)
}
