/**
 * Rows picked by index, and the way back. An embedding is gatherRows(table, ids): y[r] = table[ids[r]]; its gradient
 * adds every dy[r] to row ids[r]. MAE's shuffle picks along the token axis of each batch: y[b, k] = x[b, ids[b, k]],
 * x (B, N, D), ids (B, K), y (B, K, D).
 *
 * The scatters accumulate, and are split so that no two threads meet on an element: over columns, or over batches.
 * Each element's sum runs in the order of the ids whatever the split. ids are i32 and are not checked here.
 */
import { addRow, copyRow } from "./simd/rows";

/** y (rows, columns) = table[ids]. Units: rows. */
export function gatherRows(table: usize, ids: usize, y: usize, columns: i32, begin: i32, end: i32): void {
  gatherTokens(table, ids, y, 0, 1, columns, begin, end);
}

/** table[ids[r]] += dy[r] for `rows` rows; accumulates. Units: columns. */
export function scatterAddRows(
  dy: usize, ids: usize, table: usize, rows: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  const first = <usize>begin << 2;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + (<usize>row << 2));
    addRow(dy + <usize>row * stride + first, table + <usize>id * stride + first, end - begin);
  }
}

/** y[b, k] = x[b, ids[b, k]]: x (B, tokens, columns), ids (B, picks). Units: rows (b, k) of y. */
export function gatherTokens(
  x: usize, ids: usize, y: usize, tokens: i32, picks: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  for (let row = begin; row < end; row++) {
    const source = row / picks * tokens + load<i32>(ids + (<usize>row << 2));
    copyRow(x + <usize>source * stride, y + <usize>row * stride, columns);
  }
}

/** x[b, ids[b, k]] += dy[b, k]; accumulates. Units: batches. */
export function scatterAddTokens(
  dy: usize, ids: usize, x: usize, tokens: i32, picks: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  for (let row = begin * picks; row < end * picks; row++) {
    const target = row / picks * tokens + load<i32>(ids + (<usize>row << 2));
    addRow(dy + <usize>row * stride, x + <usize>target * stride, columns);
  }
}
