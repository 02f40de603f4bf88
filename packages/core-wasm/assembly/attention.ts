/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1), one head at a time, without ever holding the (N × N) scores: of a group of
 * up to six queries the scores stay in the first cache, between two products (matmul-tile.ts) that read packed keys and values.
 *
 *   y_i = Σ_j p_ij v_j,  p_i = softmax_j(scale · q_i · k_j + bias_hij + mask_bij),  keys up to j = i + lookahead
 *
 * Layout: query i of batch item b and head h stands at query + b · queryRows · queryStride + i · queryStride + h · headSize, so heads may
 * be slices of (B, N, D) or of (B, N, 3D), and the same with keyRows for key and value, queryRows for y. Strides in elements.
 *
 *   bias    pointer or 0: (heads, queryCount, keyCount)
 *   mask    pointer or 0: (maskBatches, 1 or queryCount, keyCount), of batch item b its b % maskBatches; maskRowStride 0 or keyCount
 *   lookahead  keyCount: every query sees every key; 0: causal; keyCount - queryCount: causal behind a cache of keys
 *   table   pointer or 0: i32 (windows, N), queryCount = keyCount = N. Batch item b · windows + w reads and writes token i of its window
 *           at row table[w, i] of image b: Swin's windows, shifted or not, without a copy. Without a table windows is 1
 *   logSumExp  pointer or 0: (B, heads, queryCount), ln Σ_j e^s_ij, which the backward needs
 *
 * A query that sees nothing but -∞ gives zeros (and logSumExp -∞). NaN spreads over its query's output.
 * Units: B · heads · ⌈queryCount/96⌉ (attentionUnits in src/scratch.ts), where B counts windows; neighbours share the packed keys.
 * Tails: keys are padded to eight in scratch, headSize likewise; y is written row by row, exactly.
 */
import { sumLanes } from "./simd/lanes";
import { expNegative, log } from "./simd/math";
import { rowMax } from "./simd/rows";
import { gatherRows, multiplyGroup, packFeatures, packTokens, roundUp, rowOf, scoreGroup, visibleKeys } from "./attention-scores";
import { packGroup } from "./matmul-pack";
import { blockRows, ceilDivide, groupRows } from "./matmul-tile";

const BLOCK_QUERIES: i32 = 96;

/** x = e^(x - max x) over `count` elements, 0 from there to `end`. Returns 1 / Σ x, or 0 if nothing is seen. */
function softmaxRow(x: usize, count: i32, end: i32, logSumExp: usize): f32 {
  const highest = rowMax(x, count);
  const seen = highest != -Infinity;
  let sum: f32 = 0;
  let i = 0;
  if (seen) {
    const shift = f32x4.splat(highest);
    const padding = f32x4.splat(-Infinity);
    let sums = f32x4.splat(0);
    for (let j = count; j < roundUp(count); j++) store<f32>(x + (<usize>j << 2), -Infinity);
    for (; i < count; i += 4) {
      const at = x + (<usize>i << 2);
      const e = expNegative(f32x4.sub(v128.load(at), shift));
      sums = f32x4.add(sums, e);
      v128.store(at, e);
    }
    sum = sumLanes(sums);
  }
  if (i < end) memory.fill(x + (<usize>i << 2), 0, <usize>(end - i) << 2);
  if (logSumExp) store<f32>(logSumExp, seen ? highest + f32x4.extract_lane(log(f32x4.splat(sum)), 0) : -Infinity);
  return seen ? 1 / sum : 0;
}
