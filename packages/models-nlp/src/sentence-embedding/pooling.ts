import {
  add,
  concat,
  divide,
  gatherTokens,
  intTensor,
  max,
  multiply,
  reshape,
  scaleAndShift,
  sqrt,
  sum,
  tensor,
  type Tensor,
} from "@x/layers";

/** How a text's tokens become one vector, under sentence-transformers' names. Reimers & Gurevych 2019, §3. */
export type PoolingMode = "cls" | "mean" | "max" | "mean_sqrt_len_tokens" | "weightedmean" | "lasttoken";

export const poolingModes: readonly PoolingMode[] = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"];

/** tokens (B, N, D), attentionMask (B, N) → (B, D), or of several modes side by side (B, modes · D). Padding doesn't count. */
export function poolTokens(tokens: Tensor, attentionMask: Tensor<"int32">, modes: readonly PoolingMode[]): Tensor {
  const pooled = modes.map((mode) => pools[mode](tokens, attentionMask));
  const [first] = pooled;
  return pooled.length === 1 && first ? first : concat(pooled, 1);
}

const pools: Readonly<Record<PoolingMode, (tokens: Tensor, attentionMask: Tensor<"int32">) => Tensor>> = {
  cls: (tokens, mask) => tokenAt(tokens, mask, (row) => row.indexOf(1)),
  lasttoken: (tokens, mask) => tokenAt(tokens, mask, (row) => row.lastIndexOf(1)),
  max: (tokens, mask) =>
    max(
      add(
        tokens,
        weights(mask, (kept) => (kept ? 0 : -Infinity)),
      ),
      1,
    ),
  mean: (tokens, mask) =>
    weightedMean(
      tokens,
      weights(mask, (kept) => kept),
    ),
  weightedmean: (tokens, mask) =>
    weightedMean(
      tokens,
      weights(mask, (kept, position) => kept * (position + 1)),
    ),
  mean_sqrt_len_tokens: (tokens, mask) => {
    const kept = weights(mask, (one) => one); //                            (B, N, 1)
    return divide(sum(multiply(tokens, kept), 1), sqrt(sum(kept, 1)));
  },
};

/** weights (B, N, 1) → Σ weight · token / Σ weight (B, D) */
const weightedMean = (tokens: Tensor, weight: Tensor): Tensor =>
  divide(sum(multiply(tokens, weight), 1), scaleAndShift(sum(weight, 1), 1, 1e-9));

/** attentionMask (B, N) → a number for each token (B, N, 1) */
function weights(attentionMask: Tensor<"int32">, of: (kept: number, position: number) => number): Tensor {
  const [batch = 0, length = 1] = attentionMask.shape;
  return tensor(
    Float32Array.from(attentionMask.toTypedArray(), (kept, i) => of(kept, i % length)),
    [batch, length, 1],
  );
}

/** One token of each text (B, D); of a text without any, its first place. */
function tokenAt(tokens: Tensor, attentionMask: Tensor<"int32">, find: (row: Int32Array) => number): Tensor {
  const [batch = 0, length = 0] = attentionMask.shape;
  const data = attentionMask.toTypedArray();
  const places = Int32Array.from({ length: batch }, (_, i) => Math.max(0, find(data.subarray(i * length, (i + 1) * length))));
  return reshape(gatherTokens(tokens, intTensor(places, [batch, 1])), [batch, tokens.shape[2] ?? 0]);
}
