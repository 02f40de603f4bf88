/**
 * What attention and its backward share: reading a head's rows in place, and the scores of a group of queries,
 *
 *   s_ij = scale · q_i · k_j + bias_ij + mask_ij,  -∞ where query i doesn't see key j.
 *
 * Steps in bytes. A token's row is its own number, or what an i32 table says (Swin's windows): `table` is a pointer or 0.
 */
import { storeTail } from "../simd/lanes";
import { addRow, copyRow } from "../simd/rows";
import { packPanel } from "./matmul-pack-lanes";
import { tile } from "../generated/tiles";
import { PANEL, tileColumns } from "./matmul-tile";

/** Queries that attention, or its backward, goes through at a time. */
export const BLOCK_QUERIES: i32 = 96;

/** ⌈n / 8⌉ · 8 */
// @ts-ignore: decorator
@inline
export function roundUp(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Keys that query i sees: those up to key i + lookahead. */
// @ts-ignore: decorator
@inline
export function visibleKeys(i: i32, lookahead: i32, keyCount: i32): i32 {
  return max(0, min(keyCount, i + lookahead + 1));
}

/** Where a token's row begins. */
// @ts-ignore: decorator
@inline
export function rowOf(base: usize, step: usize, table: usize, token: i32): usize {
  return base + (table ? load<i32>(table + (<usize>token << 2)) : token) * step;
}

/** Rows as neighbours, `headSize` elements apart if there is a table (then they are copied to staging), `step` if not. */
export function gatherRows(base: usize, step: usize, table: usize, first: i32, count: i32, headSize: i32, staging: usize): usize {
  if (!table) return base + first * step;
  for (let i = 0; i < count; i++) {
    copyRow(rowOf(base, step, table, first + i), staging + ((<usize>i * headSize) << 2), headSize);
  }
  return staging;
}

/** Panels of Xᵀ (headSize × count), X the rows: eight tokens side by side. */
export function packTokens(base: usize, step: usize, table: usize, count: i32, headSize: i32, panels: usize, staging: usize): void {
  const rowStep: usize = table ? headSize << 2 : step;
  for (let token = 0; token < count; token += PANEL) {
    const tokens = min(PANEL, count - token);
    const rows = gatherRows(base, step, table, token, tokens, headSize, staging);
    packPanel(tokens, rows, rowStep, 4, headSize, panels + ((<usize>token * headSize) << 2));
  }
}

/** Panels of X (count × headSize): eight features side by side. */
export function packFeatures(
  base: usize, step: usize, table: usize, first: i32, count: i32, headSize: i32, panels: usize, staging: usize,
): void {
  const rowStep: usize = table ? headSize << 2 : step;
  const chunk = table ? PANEL : max(count, 1);
  for (let token = 0; token < count; token += chunk) {
    const tokens = min(chunk, count - token);
    const rows = gatherRows(base, step, table, first + token, tokens, headSize, staging);
    for (let feature = 0; feature < headSize; feature += PANEL) {
      const to = panels + ((<usize>feature * count + <usize>token * PANEL) << 2);
      packPanel(min(PANEL, headSize - feature), rows + (<usize>feature << 2), 4, rowStep, tokens, to);
    }
  }
}

/** C (group × columns, rounded up to 8) = α · A · B, or C += that; A a packed group, B panels of `panelRows` steps, of which k are used. */
export function multiplyGroup(
  group: i32, a: usize, panels: usize, panelRows: i32, k: i32, columns: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool,
): void {
  const panelStep: usize = panelRows << 5;
  for (let left = roundUp(columns); left > 0; ) {
    const width = tileColumns(group, left);
    tile(group, width, a, panels, panelStep, k, c, cStep, alpha, accumulate);
    panels += <usize>(width / PANEL) * panelStep;
    c += <usize>width << 2;
    left -= width;
  }
}

/** What is added to the first `count` scores of each query of a group. bias and mask: their first rows, or 0. */
export function addTerms(
  group: i32, scores: usize, scoreStep: usize, count: i32, bias: usize, biasStep: usize, mask: usize, maskStep: usize,
): void {
  for (let i = 0; i < group; i++, scores += scoreStep) {
    if (bias) addRow(bias + i * biasStep, scores, count);
    if (mask) addRow(mask + i * maskStep, scores, count);
  }
}

/** y = factor · x */
export function scaleRow(x: usize, y: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let i = 0; i < count; i += 4, x += 16, y += 16) storeTail(y, f32x4.mul(v128.load(x), factors), count - i);
}
