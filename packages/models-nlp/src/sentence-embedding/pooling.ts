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
  square,
  sum,
  tensor,
  type Tensor,
} from "@x/layers";

/** How a text's tokens become one vector, under sentence-transformers' names. Reimers & Gurevych 2019, §3. */
export type PoolingMode = "cls" | "mean" | "max" | "mean_sqrt_len_tokens" | "weightedmean" | "lasttoken";

export const poolingModes: readonly PoolingMode[] = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"];

/**
 * tokens (B, N, D), attentionMask (B, N) → (B, D), or of several modes side by side (B, modes · D). Padding doesn't count; of a text of no tokens the means are 0.
 * @param prompt how many tokens at the beginning of each text don't count either
 */
export function poolTokens(tokens: Tensor, attentionMask: Tensor<"int32">, modes: readonly PoolingMode[], prompt = 0): Tensor {
  const counted = prompt === 0 ? attentionMask : withoutFirst(attentionMask, prompt);
  const pooled = modes.map((mode) => pools[mode](tokens, counted, attentionMask));
  const [first] = pooled;
  return pooled.length === 1 && first ? first : concat(pooled, 1);
}

/** By mode: tokens, what counts, and what is text. */
const pools: Readonly<Record<PoolingMode, (tokens: Tensor, mask: Tensor<"int32">, whole: Tensor<"int32">) => Tensor>> = {
  cls: (tokens, mask) => tokenAt(tokens, mask, (row) => row.indexOf(1)),
  lasttoken: (tokens, mask) =>
    tokenAt(
      multiply(
        tokens,
        weights(mask, (kept) => kept),
      ),
      mask,
      (row) => row.lastIndexOf(1),
    ),
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
  weightedmean: (tokens, mask, whole) =>
    weightedMean(
      tokens,
      weights(mask, (kept, position, first) => kept * (position - first + 1), whole),
    ),
  mean_sqrt_len_tokens: (tokens, mask) => {
    const kept = weights(mask, (one) => one); //                            (B, N, 1)
    return divide(sum(multiply(tokens, kept), 1), sqrt(scaleAndShift(sum(kept, 1), 1, 1e-9)));
  },
};

/** weights (B, N, 1) → Σ weight · token / Σ weight (B, D) */
const weightedMean = (tokens: Tensor, weight: Tensor): Tensor =>
  divide(sum(multiply(tokens, weight), 1), scaleAndShift(sum(weight, 1), 1, 1e-9));

/** attentionMask (B, N) → a number for each token (B, N, 1). @param of is told, too, where the text begins in `whole`: padding may be on the left */
function weights(
  attentionMask: Tensor<"int32">,
  of: (kept: number, position: number, first: number) => number,
  whole: Tensor<"int32"> = attentionMask,
): Tensor {
  const [batch = 0, length = 1] = attentionMask.shape;
  const texts = rowsOf(whole.toTypedArray(), length);
  const numbers = rowsOf(attentionMask.toTypedArray(), length).map((row, text) => {
    const first = Math.max(0, texts[text]?.indexOf(1) ?? 0);
    return Array.from(row, (kept, position) => of(kept, position, first));
  });
  return tensor(Float32Array.from(numbers.flat()), [batch, length, 1]);
}

const rowsOf = (data: Int32Array, length: number): Int32Array[] =>
  Array.from({ length: data.length / length }, (_, row) => data.subarray(row * length, (row + 1) * length));

/** attentionMask (B, N) → the same, but each text's row as `change` leaves it. */
function changed(attentionMask: Tensor<"int32">, change: (row: Int32Array) => void): Tensor<"int32"> {
  const data = attentionMask.toTypedArray();
  rowsOf(data, attentionMask.shape[1] ?? 1).forEach(change);
  return intTensor(data, attentionMask.shape);
}

/** attentionMask (B, N) → the same without the first `count` tokens of each text. */
const withoutFirst = (attentionMask: Tensor<"int32">, count: number): Tensor<"int32"> =>
  changed(attentionMask, (row) => {
    const first = Math.max(0, row.indexOf(1));
    row.fill(0, first, first + count);
  });

/** attentionMask (B, N) → the same, but a text of no tokens looks at its first padding: attention needs something to look at. */
export const neverEmpty = (attentionMask: Tensor<"int32">): Tensor<"int32"> =>
  changed(attentionMask, (row) => {
    if (!row.includes(1)) row[0] = 1;
  });

/** x / ‖x‖ (B, D) → (B, D), as sentence-transformers' `Normalize`: zeros, a text of no tokens, stay zeros. */
export function unitLength(x: Tensor): Tensor {
  const length = sqrt(sum(square(x), -1)); //                               (B)
  return divide(x, reshape(scaleAndShift(length, 1, 1e-12), [-1, 1]));
}

/** One token of each text (B, D); of a text without any, its first place. */
function tokenAt(tokens: Tensor, attentionMask: Tensor<"int32">, find: (row: Int32Array) => number): Tensor {
  const [batch = 0, length = 1] = attentionMask.shape;
  const places = Int32Array.from(rowsOf(attentionMask.toTypedArray(), length), (row) => Math.max(0, find(row)));
  return reshape(gatherTokens(tokens, intTensor(places, [batch, 1])), [batch, tokens.shape[2] ?? 0]);
}
