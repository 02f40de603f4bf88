/**
 * The gradient of attention.ts, from the output's gradient dy and what the forward kept, y and logSumExp. The probabilities are made
 * again (Dao et al. 2022, FlashAttention, algorithm 4), of 96 queries at a time:
 *
 *   p = e^(s - logSumExp)            dv = pᵀ dy
 *   dp = dy vᵀ                       ds = p ∘ (dp - Σ_c dy_ic y_ic)
 *   dq = scale · ds k                dk = scale · dsᵀ q
 *
 * Layouts, bias, mask, table, lookahead and strides as in the forward; dq is laid out like query, dk like key, dv like value, dy like y.
 * dScores: optional: (B, heads, queryCount, keyCount) receives ds; summed over the batch it is the bias's gradient.
 * Units: (batch item, head) pairs, B · heads, B counting windows. Tails as in the forward.
 */
import { Floats, FloatsOut, OptionalFloats, OptionalFloatsOut, OptionalInts } from "./parts/operands";
import { expNegative } from "./simd/math";
import { copyRow } from "./simd/rows";
import { rowDot } from "./simd/wide";
import {
  addTerms, BLOCK_QUERIES, gatherRows, multiplyGroup, packFeatures, packTokens, roundUp, rowOf, scaleRow, visibleKeys,
} from "./parts/attention-scores";
import { packGroup } from "./parts/matmul-pack-lanes";
import { ceilDivide, MOST_ROWS, PANEL, partBegin, tileRows } from "./parts/matmul-tile";

/**
 * Bytes of keys and values packed three ways, of their gradients, and of 96 rows of queries, dy, scores and ds: both lengths rounded up.
 * @length attentionBackwardScratch(keys, size) = 4 * (5 * keys * size + 2 * BLOCK_QUERIES * keys + (2 * BLOCK_QUERIES + 14) * size + 6 * max(keys, size, BLOCK_QUERIES))
 */

/** p = e^(s - logSumExp) in place and ds = p (dp - mean) in place, over `count` elements; 0 from there to `end`. */
function softmaxBackwardRow(p: usize, ds: usize, count: i32, end: i32, logSumExp: f32, mean: f32): void {
  const shift = f32x4.splat(logSumExp == -Infinity ? 0 : logSumExp); // where all is -∞, p is 0
  const means = f32x4.splat(mean);
  for (let j = 0; j < count; j += 4) {
    const at = <usize>j << 2;
    const e = expNegative(f32x4.sub(v128.load(p + at), shift));
    v128.store(p + at, e);
    v128.store(ds + at, f32x4.mul(e, f32x4.sub(v128.load(ds + at), means)));
  }
  if (count < end) {
    memory.fill(p + (<usize>count << 2), 0, <usize>(end - count) << 2);
    memory.fill(ds + (<usize>count << 2), 0, <usize>(end - count) << 2);
  }
}

/** y (rows × columns) += α · Xᵀ · panels; X (k × rows) stands xStep bytes a row. */
function addTransposed(
  x: usize, xStep: usize, rows: i32, k: i32, panels: usize, columns: i32, y: usize, yStep: usize, alpha: f32, packed: usize,
): void {
  const groups = ceilDivide(rows, tileRows());
  for (let part = 0; part < groups; part++) {
    const row = partBegin(part, groups, rows);
    const group = partBegin(part + 1, groups, rows) - row;
    packGroup(group, x + (<usize>row << 2), 4, xStep, k, packed);
    multiplyGroup(group, packed, panels, k, k, columns, y + row * yStep, yStep, alpha, true);
  }
}

/**
 * See above; `batch` counts windows.
 * @units batch * heads
 * @cost 2 * queryCount * keyCount * (headSize + 4)
 * @scratch attentionBackwardScratch(roundUp(keyCount, PANEL), roundUp(headSize, PANEL))
 */
export function attentionBackward(
  dy: Floats, query: Floats, key: Floats, value: Floats, y: Floats, logSumExp: Floats,
  bias: OptionalFloats, mask: OptionalFloats, table: OptionalInts,
  dq: FloatsOut, dk: FloatsOut, dv: FloatsOut, dScores: OptionalFloatsOut,
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
  const headStep: usize = roundUp(headSize) << 2;

  const keyTokens = scratch;
  const valueTokens = keyTokens + headSize * scoreStep;
  const keyFeatures = valueTokens + headSize * scoreStep;
  const dKeys = keyFeatures + keyCount * headStep;
  const dValues = dKeys + keyCount * headStep;
  const probabilities = dValues + keyCount * headStep;
  const gradients = probabilities + BLOCK_QUERIES * scoreStep;
  const queryFeatures = gradients + BLOCK_QUERIES * scoreStep;
  const dyFeatures = queryFeatures + BLOCK_QUERIES * headStep;
  const dQueries = dyFeatures + BLOCK_QUERIES * headStep;
  const staging = dQueries + MOST_ROWS * headStep;
  const packed = staging + 8 * headStep; // of 6 rows: headSize, keyCount or 96 columns

  for (let pair = begin; pair < end; pair++) {
    const item = pair / heads;
    const head = pair % heads;
    const image = item / windows;
    const rows = table ? table + (<usize>((item % windows) * queryCount) << 2) : 0;
    const column = <usize>(head * headSize) << 2;
    const queryOffset = image * queryRows * queryStep + column;
    const keyOffset = image * keyRows * keyStep + column;
    const valueOffset = image * keyRows * valueStep + column;
    const yOffset = image * queryRows * yStep + column;
    const headBias = bias ? bias + head * queryCount * biasStep : 0;
    const itemMask = mask ? mask + (item % maskBatches) * (maskRowStride ? queryCount : 1) * biasStep : 0;
    const queryGroupStep: usize = rows ? headSize << 2 : queryStep;
    const dyGroupStep: usize = rows ? headSize << 2 : yStep;

    packTokens(key + keyOffset, keyStep, rows, keyCount, headSize, keyTokens, staging);
    packTokens(value + valueOffset, valueStep, rows, keyCount, headSize, valueTokens, staging);
    packFeatures(key + keyOffset, keyStep, rows, 0, keyCount, headSize, keyFeatures, staging);
    memory.fill(dKeys, 0, 2 * keyCount * headStep);

    const blocks = ceilDivide(queryCount, BLOCK_QUERIES);
    for (let block = 0; block < blocks; block++) {
      const first = partBegin(block, blocks, queryCount);
      const last = partBegin(block + 1, blocks, queryCount);
      const groups = ceilDivide(last - first, tileRows());
      const blockSeen = visibleKeys(last - 1, lookahead, keyCount);
      packFeatures(query + queryOffset, queryStep, rows, first, last - first, headSize, queryFeatures, staging);
      packFeatures(dy + yOffset, yStep, rows, first, last - first, headSize, dyFeatures, staging);
      for (let part = 0; part < groups; part++) {
        const i = first + partBegin(part, groups, last - first);
        const group = first + partBegin(part + 1, groups, last - first) - i;
        const seen = visibleKeys(i + group - 1, lookahead, keyCount);
        const p = probabilities + (i - first) * scoreStep;
        const ds = gradients + (i - first) * scoreStep;
        const queryGroup = gatherRows(query + queryOffset, queryStep, rows, i, group, headSize, staging);
        packGroup(group, queryGroup, queryGroupStep, 4, headSize, packed);
        multiplyGroup(group, packed, keyTokens, headSize, headSize, seen, p, scoreStep, scale, false);
        addTerms(
          group, p, scoreStep, seen,
          headBias ? headBias + i * biasStep : 0, biasStep, itemMask ? itemMask + i * maskStep : 0, maskStep,
        );
        const dyGroup = gatherRows(dy + yOffset, yStep, rows, i, group, headSize, staging);
        packGroup(group, dyGroup, dyGroupStep, 4, headSize, packed);
        multiplyGroup(group, packed, valueTokens, headSize, headSize, seen, ds, scoreStep, 1, false);
        for (let j = 0; j < group; j++) {
          const count = visibleKeys(i + j, lookahead, keyCount);
          const mean = <f32>rowDot(rowOf(dy + yOffset, yStep, rows, i + j), rowOf(y + yOffset, yStep, rows, i + j), headSize);
          const sum = load<f32>(logSumExp + (<usize>(pair * queryCount + i + j) << 2));
          softmaxBackwardRow(p + j * scoreStep, ds + j * scoreStep, count, blockSeen, sum, mean);
          if (dScores) {
            const to = dScores + (pair * queryCount + i + j) * biasStep;
            copyRow(ds + j * scoreStep, to, count);
            memory.fill(to + (<usize>count << 2), 0, <usize>(keyCount - count) << 2);
          }
        }
        packGroup(group, ds, scoreStep, 4, seen, packed);
        multiplyGroup(group, packed, keyFeatures, keyCount, seen, headSize, dQueries, headStep, 1, false);
        for (let j = 0; j < group; j++) {
          scaleRow(dQueries + j * headStep, rowOf(dq + queryOffset, queryStep, rows, i + j), headSize, scale);
        }
      }
      addTransposed(probabilities, scoreStep, blockSeen, last - first, dyFeatures, headSize, dValues, headStep, 1, packed);
      addTransposed(gradients, scoreStep, blockSeen, last - first, queryFeatures, headSize, dKeys, headStep, scale, packed);
    }
    for (let j = 0; j < keyCount; j++) {
      scaleRow(dKeys + j * headStep, rowOf(dk + keyOffset, keyStep, rows, j), headSize, 1);
      scaleRow(dValues + j * headStep, rowOf(dv + valueOffset, valueStep, rows, j), headSize, 1);
    }
  }
}
