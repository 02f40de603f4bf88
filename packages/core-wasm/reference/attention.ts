/** Specification of assembly/attention.ts and attention-backward.ts, over dense (rows, heads · headSize) matrices. */
import { generate, greatest, type Numbers, total } from "./numbers.ts";

export interface AttentionShape {
  /** Batch items; with a table, images · windows. */
  readonly batch: number;
  readonly heads: number;
  readonly headSize: number;
  readonly queryCount: number;
  readonly keyCount: number;
  readonly scale: number;
  /** Query i sees keys up to i + lookahead. */
  readonly lookahead: number;
  /** (heads, queryCount, keyCount) */
  readonly bias?: Numbers;
  /** (maskBatches, maskRows, keyCount), maskRows 1 or queryCount */
  readonly mask?: Numbers;
  readonly maskBatches?: number;
  readonly maskRows?: number;
  /** (windows, queryCount): where a window's tokens stand among its image's rows. */
  readonly table?: Numbers;
  readonly windows?: number;
}

/** The place of feature c of head h of token i of an item; `count` tokens an item. */
function place(shape: AttentionShape, count: number, item: number, i: number, h: number, c: number): number {
  const { table, windows = 1, heads, headSize } = shape;
  const image = Math.floor(item / windows);
  const row = table ? image * windows * count + table[(item % windows) * count + i]! : item * count + i;
  return row * heads * headSize + h * headSize + c;
}

function score(q: Numbers, k: Numbers, shape: AttentionShape, item: number, h: number, i: number, j: number): number {
  const { headSize, queryCount, keyCount, scale, lookahead, bias, mask, maskBatches = 1, maskRows = 1 } = shape;
  if (j > i + lookahead) return -Infinity;
  const product = total(headSize, (c) => q[place(shape, queryCount, item, i, h, c)]! * k[place(shape, keyCount, item, j, h, c)]!);
  const maskRow = (item % maskBatches) * maskRows + (maskRows > 1 ? i : 0);
  return scale * product + (bias?.[(h * queryCount + i) * keyCount + j] ?? 0) + (mask?.[maskRow * keyCount + j] ?? 0);
}

/** ln Σ e^s */
function logSumExpOf(scores: Numbers): number {
  const m = greatest(scores.length, (j) => scores[j]!);
  return m === -Infinity ? m : m + Math.log(total(scores.length, (j) => Math.exp(scores[j]! - m)));
}

/** Softmax; of nothing but -∞, zeros. */
const probabilitiesOf = (scores: Numbers, logSumExp: number): Float64Array =>
  generate(scores.length, (j) => (logSumExp === -Infinity ? 0 : Math.exp(scores[j]! - logSumExp)));

export function attention(q: Numbers, k: Numbers, v: Numbers, shape: AttentionShape): { y: Float64Array; logSumExp: Float64Array } {
  const { batch, heads, headSize, queryCount, keyCount } = shape;
  const y = new Float64Array(q.length);
  const logSumExp = new Float64Array(batch * heads * queryCount);
  for (let unit = 0; unit < logSumExp.length; unit++) {
    const i = unit % queryCount;
    const h = Math.floor(unit / queryCount) % heads;
    const item = Math.floor(unit / queryCount / heads);
    const scores = generate(keyCount, (j) => score(q, k, shape, item, h, i, j));
    logSumExp[unit] = logSumExpOf(scores);
    const p = probabilitiesOf(scores, logSumExp[unit]!);
    for (let c = 0; c < headSize; c++) {
      y[place(shape, queryCount, item, i, h, c)] = total(keyCount, (j) => p[j]! * v[place(shape, keyCount, item, j, h, c)]!);
    }
  }
  return { y, logSumExp };
}

/** dScores (batch, heads, queryCount, keyCount) is the gradient by the scores; its sum over the batch is the bias's. */
export function attentionBackward(
  dy: Numbers,
  q: Numbers,
  k: Numbers,
  v: Numbers,
  shape: AttentionShape,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array; dScores: Float64Array } {
  const { batch, heads, headSize, queryCount, keyCount, scale } = shape;
  const dq = new Float64Array(q.length);
  const dk = new Float64Array(k.length);
  const dv = new Float64Array(v.length);
  const dScores = new Float64Array(batch * heads * queryCount * keyCount);
  for (let unit = 0; unit < batch * heads * queryCount; unit++) {
    const i = unit % queryCount;
    const h = Math.floor(unit / queryCount) % heads;
    const item = Math.floor(unit / queryCount / heads);
    const scores = generate(keyCount, (j) => score(q, k, shape, item, h, i, j));
    const p = probabilitiesOf(scores, logSumExpOf(scores));
    const query = (c: number): number => place(shape, queryCount, item, i, h, c);
    const key = (j: number, c: number): number => place(shape, keyCount, item, j, h, c);
    const dp = generate(keyCount, (j) => total(headSize, (c) => dy[query(c)]! * v[key(j, c)]!));
    const mean = total(keyCount, (j) => p[j]! * dp[j]!);
    for (let j = 0; j < keyCount; j++) {
      const ds = p[j]! * (dp[j]! - mean);
      dScores[unit * keyCount + j] = ds;
      for (let c = 0; c < headSize; c++) {
        dq[query(c)]! += scale * ds * k[key(j, c)]!;
        dk[key(j, c)]! += scale * ds * q[query(c)]!;
        dv[key(j, c)]! += p[j]! * dy[query(c)]!;
      }
    }
  }
  return { dq, dk, dv, dScores };
}
