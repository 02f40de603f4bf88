/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1), one head at a time, without ever holding the (N × N) scores: of a group of
 * up to six queries the scores stay in the first cache, between two products (parts/matmul-tile.ts) that read packed keys and values.
 *
 *   y_i = Σ_j p_ij v_j,  p_i = softmax_j(scale · q_i · k_j + bias_hij + mask_bij),  keys up to j = i + lookahead
 *
 * Layout: query i of batch item b and head h stands at query + b · queryRows · queryStride + i · queryStride + h · headSize, so heads may
 * be slices of (B, N, D) or of (B, N, 3D), and the same with keyRows for key and value, queryRows for y. Strides in elements.
 *
 *   bias    optional: (heads, queryCount, keyCount)
 *   mask    optional: (maskBatches, 1 or queryCount, keyCount), of batch item b its b % maskBatches; maskRowStride 0 or keyCount
 *   lookahead  keyCount: every query sees every key; 0: causal; keyCount - queryCount: causal behind a cache of keys
 *   table   optional: i32 (windows, N), queryCount = keyCount = N. Batch item b · windows + w reads and writes token i of its window
 *           at row table[w, i] of image b: Swin's windows, shifted or not, without a copy. Without a table windows is 1
 *   logSumExp  optional: (B, heads, queryCount), ln Σ_j e^s_ij, which the backward needs
 *
 * A query that sees nothing but -∞ gives zeros (and logSumExp -∞). NaN spreads over its query's output.
 * Units: blocks of up to 96 queries of a (batch item, head), where B counts windows; neighbours share the packed keys.
 * Tails: keys are padded to eight in scratch, headSize likewise; y is written row by row, exactly.
 */
import { Floats, FloatsOut, OptionalFloats, OptionalFloatsOut, OptionalInts } from "./parts/operands";
import { sumLanes } from "./simd/lanes";
import { expNegative, log } from "./simd/math";
import { rowMax } from "./simd/rows";
import {
  addTerms, BLOCK_QUERIES, gatherRows, multiplyGroup, packFeatures, packTokens, roundUp, rowOf, scaleRow, visibleKeys,
} from "./parts/attention-scores";
import { mixSingle, scoreSingle } from "./parts/attention-single";
import { packGroup } from "./parts/matmul-pack-lanes";
import { ceilDivide, MOST_ROWS, PANEL, partBegin, tileRows } from "./parts/matmul-tile";

/**
 * Bytes of packed keys and values, of six rows of queries, of scores twice, and of outputs, and of eight rows gathered: both lengths rounded up.
 * @length attentionScratch(keys, size) = 4 * (2 * keys * size + 12 * keys + 20 * size + 8)
 */

/** x = e^(x - max x) over `count` elements, 0 from there to `end`. Returns 1 / Σ x, or 0 if nothing is seen. */
function softmaxRow(x: usize, count: i32, end: i32, logSumExp: usize): f32 {
  const highest = rowMax(x, count);
  const seen = highest != -Infinity;
  let sum: f32 = 0;
  let i = 0;
  if (seen) {
    const shift = f32x4.splat(highest);
    let sums = f32x4.splat(0);
    for (let j = count; j & 3; j++) store<f32>(x + (<usize>j << 2), -Infinity);
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

/**
 * See above. Strides in elements; `batch` counts windows.
 * @units batch * heads * ceilDivide(queryCount, BLOCK_QUERIES)
 * @cost batch * heads * queryCount * keyCount * (headSize + 4) / (2 * units)
 * @scratch attentionScratch(roundUp(keyCount, PANEL), roundUp(headSize, PANEL))
 */
export function attention(
  query: Floats, key: Floats, value: Floats, y: FloatsOut, logSumExp: OptionalFloatsOut,
  bias: OptionalFloats, mask: OptionalFloats, table: OptionalInts,
  heads: i32, headSize: i32, queryCount: i32, keyCount: i32, queryRows: i32, keyRows: i32,
  queryStride: i32, keyStride: i32, valueStride: i32, yStride: i32,
  scale: f32, maskBatches: i32, maskRowStride: i32, lookahead: i32, windows: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const queryStep: usize = queryStride << 2;
  const keyStep: usize = keyStride << 2;
  const valueStep: usize = valueStride << 2;
  const yStep: usize = yStride << 2;
  const biasStep: usize = keyCount << 2;
  const maskStep: usize = maskRowStride << 2;
  const scoreStep: usize = roundUp(keyCount) << 2;
  const outputStep: usize = roundUp(headSize) << 2;

  const keys = scratch;
  const values = keys + headSize * scoreStep;
  const queries = values + keyCount * outputStep;
  const scores = queries + MOST_ROWS * outputStep;
  const probabilities = scores + MOST_ROWS * scoreStep;
  const output = probabilities + MOST_ROWS * scoreStep;
  const inverses = output + MOST_ROWS * outputStep;
  const staging = inverses + 32;

  const blocks = ceilDivide(queryCount, BLOCK_QUERIES);
  let packed = -1;
  for (let unit = begin; unit < end; unit++) {
    const pair = unit / blocks;
    const item = pair / heads;
    const head = pair % heads;
    const image = item / windows;
    const rows = table ? table + (<usize>((item % windows) * queryCount) << 2) : 0;
    const column = <usize>(head * headSize) << 2;
    const q = query + image * queryRows * queryStep + column;
    const to = y + image * queryRows * yStep + column;
    const k = key + image * keyRows * keyStep + column;
    const v = value + image * keyRows * valueStep + column;
    const headBias = bias ? bias + head * queryCount * biasStep : 0;
    const itemMask = mask ? mask + (item % maskBatches) * (maskRowStride ? queryCount : 1) * biasStep : 0;
    const sums = logSumExp ? logSumExp + (<usize>(pair * queryCount) << 2) : 0;

    if (queryCount == 1 && !rows) {
      const seen = visibleKeys(0, lookahead, keyCount);
      scoreSingle(q, k, keyStep, headSize, seen, scale, scores);
      addTerms(1, scores, scoreStep, seen, headBias, biasStep, itemMask, maskStep);
      mixSingle(scores, v, valueStep, headSize, seen, softmaxRow(scores, seen, seen, sums), to);
      continue;
    }
    if (pair != packed) {
      packTokens(k, keyStep, rows, keyCount, headSize, keys, staging);
      packFeatures(v, valueStep, rows, 0, keyCount, headSize, values, staging);
      packed = pair;
    }

    const first = partBegin(unit % blocks, blocks, queryCount);
    const queriesOfBlock = partBegin(unit % blocks + 1, blocks, queryCount) - first;
    const groups = ceilDivide(queriesOfBlock, tileRows());
    for (let part = 0; part < groups; part++) {
      const i = first + partBegin(part, groups, queriesOfBlock);
      const group = first + partBegin(part + 1, groups, queriesOfBlock) - i;
      const seen = visibleKeys(i + group - 1, lookahead, keyCount);
      packGroup(group, gatherRows(q, queryStep, rows, i, group, headSize, staging), rows ? headSize << 2 : queryStep, 4, headSize, queries);
      multiplyGroup(group, queries, keys, headSize, headSize, seen, scores, scoreStep, scale, false);
      addTerms(
        group, scores, scoreStep, seen,
        headBias ? headBias + i * biasStep : 0, biasStep, itemMask ? itemMask + i * maskStep : 0, maskStep,
      );
      for (let j = 0; j < group; j++) {
        const count = visibleKeys(i + j, lookahead, keyCount);
        const inverse = softmaxRow(scores + j * scoreStep, count, seen, sums ? sums + (<usize>(i + j) << 2) : 0);
        store<f32>(inverses + (<usize>j << 2), inverse);
      }
      packGroup(group, scores, scoreStep, 4, seen, probabilities);
      multiplyGroup(group, probabilities, values, keyCount, seen, headSize, output, outputStep, 1, false);
      for (let j = 0; j < group; j++) {
        const inverse = load<f32>(inverses + (<usize>j << 2));
        scaleRow(output + j * outputStep, rowOf(to, yStep, rows, i + j), headSize, inverse);
      }
    }
  }
}
