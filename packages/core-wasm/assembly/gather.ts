/**
 * Rows picked by index, and the way back. An embedding is gatherRows(table, ids): y[r] = table[ids[r]]; its gradient
 * adds every dy[r] to row ids[r]. MAE's shuffle picks along the token axis of each batch: y[b, k] = x[b, ids[b, k]],
 * x (B, N, D), ids (B, K), y (B, K, D).
 *
 * The scatters accumulate, and are split so that no two threads meet on an element: over columns, or over batches.
 * Each element's sum runs in the order of the ids whatever the split. ids are i32 and are not checked here.
 */
import { Floats, FloatsOut, Ints } from "./parts/operands";
import { addRow, copyRow } from "./simd/rows";

/**
 * y (rows, columns) = table[ids]. Units: rows.
 * @units rows
 * @cost columns
 */
export function gatherRows(table: Floats, ids: Ints, y: FloatsOut, columns: i32, begin: i32, end: i32): void {
  gatherTokens(table, ids, y, 0, 1, columns, begin, end);
}

/**
 * table[ids[r]] += dy[r] for `rows` rows; accumulates. Units: columns.
 * @units columns
 * @cost rows
 */
export function scatterAddRows(
  dy: Floats, ids: Ints, table: FloatsOut, rows: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  const first = <usize>begin << 2;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + (<usize>row << 2));
    addRow(dy + <usize>row * stride + first, table + <usize>id * stride + first, end - begin);
  }
}

/**
 * y[b, k] = x[b, ids[b, k]]: x (B, tokens, columns), ids (B, picks). Units: rows (b, k) of y.
 * @units batch * picks
 * @cost columns
 */
export function gatherTokens(
  x: Floats, ids: Ints, y: FloatsOut, tokens: i32, picks: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  for (let row = begin; row < end; row++) {
    const source = row / picks * tokens + load<i32>(ids + (<usize>row << 2));
    copyRow(x + <usize>source * stride, y + <usize>row * stride, columns);
  }
}

/**
 * x[b, ids[b, k]] += dy[b, k]; accumulates. Units: batches.
 * @units batch
 * @cost picks * columns
 */
export function scatterAddTokens(
  dy: Floats, ids: Ints, x: FloatsOut, tokens: i32, picks: i32, columns: i32, begin: i32, end: i32,
): void {
  const stride = <usize>columns << 2;
  for (let row = begin * picks; row < end * picks; row++) {
    const target = row / picks * tokens + load<i32>(ids + (<usize>row << 2));
    addRow(dy + <usize>row * stride, x + <usize>target * stride, columns);
  }
}
