/**
 * Fourier mixing, y = Re F_rows(F_columns(x)), of x (batch, rows, columns). Lee-Thorp et al. 2022, "FNet", eq. 3.
 *
 *   y[k, d] = Σ_n Σ_h cos(2π(nk/N + hd/D))·x[n, h]
 *
 * A quarter of the work of two complex transforms. The cosine doesn't tell (n, h) from (−n, −h), so only s_n[h] = ½(x[n, h] + x[−n, −h])
 * counts, of which rows 0…⌊N/2⌋ are enough; and y[−k, −d] = y[k, d], so columns 0…⌊D/2⌋ are. With cas = cos + sin (Hartley 1942):
 *
 *   rows     S_n = F(s_n);  r[n, d] = Re S_n[d] + Im S_n[d],  r[−n, d] = Re S_n[d] − Im S_n[d]
 *   columns  y[k, d] = Σ_n cas(2πnk/N)·r[n, d] = y[−k, −d]
 *
 * Both are transforms of real sequences, done two as one complex transform and that in four lanes: eight at once. W = F(u + iv) parts into
 *   2·F(u)[k] = W[k] + conj W[−k],  2i·F(v)[k] = W[k] − conj W[−k].
 *
 * The matrix is symmetric, so this is its own gradient. ½r lies in panels of eight columns, (batch, ⌊D/16⌋ + 1, N, 8): what the transforms
 * of columns work on. The last panel's missing columns repeat column ⌊D/2⌋.
 */
import { Bytes, Floats, FloatsOut } from "./parts/operands";
import { transform } from "./parts/fft-transform";

const EIGHTH = memory.data<f32>([0.125]);

const ELEMENT: usize = 32; // bytes: four real and four imaginary parts

/** In scratch: four vectors of a panel's row and of that opposite. */
const EDGES: usize = 64;

// @ts-ignore: decorator
@inline
function reversed(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 3, 2, 1, 0);
}

/** The first `count` columns of a 4 × 4 matrix: one at `first`, the others `step` bytes apart from `target` + step on. */
// @ts-ignore: decorator
@inline
function storeTransposed(first: usize, target: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128, count: i32): void {
  const low01 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
  if (count > 0) v128.store(first, v128.shuffle<u64>(low01, low23, 0, 2));
  if (count > 1) v128.store(target + step, v128.shuffle<u64>(low01, low23, 1, 3));
  if (count > 2) v128.store(target + 2 * step, v128.shuffle<u64>(high01, high23, 0, 2));
  if (count > 3) v128.store(target + 3 * step, v128.shuffle<u64>(high01, high23, 1, 3));
}

/** ⅛(x[n, h] + x[−n, −h]) for four rows n from `row` on, a lane each, into every element of z. Rows beyond the middle repeat it. */
function fold(x: usize, z: usize, row: i32, rows: i32, columns: i32): void {
  const stride = <usize>columns << 2;
  const middle = rows >> 1;
  const n0 = min(row, middle);
  const n1 = min(row + 1, middle);
  const n2 = min(row + 2, middle);
  const n3 = min(row + 3, middle);
  const x0 = x + <usize>n0 * stride;
  const x1 = x + <usize>n1 * stride;
  const x2 = x + <usize>n2 * stride;
  const x3 = x + <usize>n3 * stride;
  const y0 = x + <usize>(n0 ? rows - n0 : 0) * stride;
  const y1 = x + <usize>(n1 ? rows - n1 : 0) * stride;
  const y2 = x + <usize>(n2 ? rows - n2 : 0) * stride;
  const y3 = x + <usize>(n3 ? rows - n3 : 0) * stride;

  const body = (columns - 1) & ~3; // columns 1…body by fours
  const eighth = v128.load_splat<f32>(EIGHTH);
  let to = z + ELEMENT;
  let ahead: usize = 4;
  let behind = stride - 16;
  for (const end = ahead + (<usize>body << 2); ahead < end; ahead += 16, behind -= 16, to += 4 * ELEMENT) {
    const r0 = f32x4.mul(f32x4.add(v128.load(x0 + ahead), reversed(v128.load(y0 + behind))), eighth);
    const r1 = f32x4.mul(f32x4.add(v128.load(x1 + ahead), reversed(v128.load(y1 + behind))), eighth);
    const r2 = f32x4.mul(f32x4.add(v128.load(x2 + ahead), reversed(v128.load(y2 + behind))), eighth);
    const r3 = f32x4.mul(f32x4.add(v128.load(x3 + ahead), reversed(v128.load(y3 + behind))), eighth);
    storeTransposed(to, to, ELEMENT, r0, r1, r2, r3, 4);
  }
  for (let i = body; i < columns; i++) {
    const h = i == body ? 0 : i; // column 0, and the last ones
    ahead = <usize>h << 2;
    behind = <usize>(h ? columns - h : 0) << 2;
    to = z + <usize>h * ELEMENT;
    store<f32>(to, 0.125 * (load<f32>(x0 + ahead) + load<f32>(y0 + behind)));
    store<f32>(to, 0.125 * (load<f32>(x1 + ahead) + load<f32>(y1 + behind)), 4);
    store<f32>(to, 0.125 * (load<f32>(x2 + ahead) + load<f32>(y2 + behind)), 8);
    store<f32>(to, 0.125 * (load<f32>(x3 + ahead) + load<f32>(y3 + behind)), 12);
  }
}

/** Re W + Im W at the given one of a row of places. */
// @ts-ignore: decorator
@inline
function sum(z: usize, places: usize, which: usize): v128 {
  const w = z + load<i32>(places + (which << 3));
  return f32x4.add(v128.load(w), v128.load(w, 16));
}

/** Re W − Im W */
// @ts-ignore: decorator
@inline
function difference(z: usize, places: usize, which: usize): v128 {
  const w = z + load<i32>(places + (which << 3));
  return f32x4.sub(v128.load(w), v128.load(w, 16));
}

/** W at four frequencies → half a panel's row and that opposite, of `count` of the eight rows that were transformed. */
function unfold(z: usize, pair: usize, panel: usize, row: usize, bytes: usize, count: i32): void {
  const s0 = sum(z, pair, 0);
  const s1 = sum(z, pair, 1);
  const s2 = sum(z, pair, 2);
  const s3 = sum(z, pair, 3);
  const d0 = difference(z, pair, 0);
  const d1 = difference(z, pair, 1);
  const d2 = difference(z, pair, 2);
  const d3 = difference(z, pair, 3);
  const opposite = pair + 4;
  const os0 = sum(z, opposite, 0);
  const os1 = sum(z, opposite, 1);
  const os2 = sum(z, opposite, 2);
  const os3 = sum(z, opposite, 3);
  const od0 = difference(z, opposite, 0);
  const od1 = difference(z, opposite, 1);
  const od2 = difference(z, opposite, 2);
  const od3 = difference(z, opposite, 3);
  const ahead = panel + row;
  const behind = panel + bytes - row;
  storeTransposed(ahead, ahead, ELEMENT, f32x4.add(s0, od0), f32x4.add(s1, od1), f32x4.add(s2, od2), f32x4.add(s3, od3), count);
  storeTransposed(
    row ? behind : panel, behind, -ELEMENT, f32x4.add(d0, os0), f32x4.add(d1, os1), f32x4.add(d2, os2), f32x4.add(d3, os3), count,
  );
  const ahead4 = ahead + 4 * ELEMENT;
  const behind4 = behind - 4 * ELEMENT;
  storeTransposed(ahead4, ahead4, ELEMENT, f32x4.sub(os0, d0), f32x4.sub(os1, d1), f32x4.sub(os2, d2), f32x4.sub(os3, d3), count - 4);
  storeTransposed(behind4, behind4, -ELEMENT, f32x4.sub(s0, od0), f32x4.sub(s1, od1), f32x4.sub(s2, od2), f32x4.sub(s3, od3), count - 4);
}

/**
 * Elements that the panels between both passes take.
 * @length fourierMixPanelsLength(batch, rows, columns) = 8 * rows * batch * (floor(columns / 16) + 1)
 */

/**
 * r = the panels. Scratch: the elements of a row, and the plan's work. Units: batch · (⌊rows/16⌋ + 1), eight rows and their opposites.
 * @units batch * (floor(rows / 16) + 1)
 * @cost 32 * columns * log2(2 * columns)
 * @scratch ELEMENT * columns + work
 */
export function fourierMixRows(
  x: Floats, r: FloatsOut, plan: Bytes, rows: i32, columns: i32, scratch: usize, begin: i32, end: i32,
): void {
  const groups = (rows >> 4) + 1;
  const panels = (columns >> 4) + 1;
  const panelBytes = <usize>rows * ELEMENT;
  const pairs = plan + load<i32>(plan, 8);
  for (let unit = begin; unit < end; unit++) {
    const sample = unit / groups;
    const row = (unit % groups) << 3;
    const source = x + (<usize>(sample * rows) * <usize>columns << 2);
    fold(source, scratch, row, rows, columns);
    fold(source, scratch + 16, row + 4, rows, columns);
    transform(scratch, scratch + <usize>columns * ELEMENT, plan);

    const count = (rows >> 1) + 1 - row; // of rows that are wanted
    const target = r + <usize>(sample * panels) * panelBytes;
    let pair = pairs;
    for (let half = 0; half < 2 * panels; half++, pair += 32) {
      const ahead = target + <usize>(half >> 1) * panelBytes + (<usize>(half & 1) << 4);
      unfold(scratch, pair, ahead, <usize>row * ELEMENT, panelBytes, count);
    }
  }
}

/**
 * Transforms r's panels in place, and writes y. Scratch: a panel's row, and the plan's work. Units: batch · (⌊columns/16⌋ + 1), panels.
 * @units batch * (floor(columns / 16) + 1)
 * @cost 32 * rows * log2(2 * rows)
 * @scratch EDGES + work
 */
export function fourierMixColumns(
  r: FloatsOut, y: FloatsOut, plan: Bytes, rows: i32, columns: i32, scratch: usize, begin: i32, end: i32,
): void {
  const panels = (columns >> 4) + 1;
  const pairs = plan + load<i32>(plan, 8);
  const stride = <usize>columns << 2;
  for (let unit = begin; unit < end; unit++) {
    const z = r + <usize>unit * <usize>rows * ELEMENT;
    transform(z, scratch + EDGES, plan);
    const column = (unit % panels) << 3;
    const target = y + <usize>(unit / panels * rows) * stride;
    const inside = column > 0 && 2 * (column + 7) < columns;
    for (let k = 0; 2 * k <= rows; k++) {
      const w = z + load<i32>(pairs + (<usize>k << 3));
      const v = z + load<i32>(pairs + (<usize>k << 3), 4);
      const sum = f32x4.add(v128.load(w), v128.load(w, 16));
      const difference = f32x4.sub(v128.load(w), v128.load(w, 16));
      const oppositeSum = f32x4.add(v128.load(v), v128.load(v, 16));
      const oppositeDifference = f32x4.sub(v128.load(v), v128.load(v, 16));
      const ahead = target + <usize>k * stride;
      const behind = target + <usize>(k ? rows - k : 0) * stride;
      const a0 = f32x4.add(difference, oppositeSum);
      const a1 = f32x4.sub(sum, oppositeDifference);
      const b0 = f32x4.add(sum, oppositeDifference);
      const b1 = f32x4.sub(oppositeSum, difference);
      if (inside) {
        const at = <usize>column << 2;
        const mirrored = stride - at - 12;
        v128.store(ahead + at, a0);
        v128.store(ahead + at, a1, 16);
        v128.store(behind + at, b0);
        v128.store(behind + at, b1, 16);
        v128.store(behind + mirrored, reversed(a0));
        v128.store(behind + mirrored - 16, reversed(a1));
        v128.store(ahead + mirrored, reversed(b0));
        v128.store(ahead + mirrored - 16, reversed(b1));
      } else {
        v128.store(scratch, a0);
        v128.store(scratch, a1, 16);
        v128.store(scratch, b0, 32);
        v128.store(scratch, b1, 48);
        storeEdge(scratch, ahead, behind, column, columns);
        storeEdge(scratch + 32, behind, ahead, column, columns);
      }
    }
  }
}

/** One row's eight columns from `column` on, and their mirror images in the opposite row: those that are there, and each once. */
function storeEdge(values: usize, row: usize, opposite: usize, column: i32, columns: i32): void {
  for (let d = column; d < column + 8 && 2 * d <= columns; d++, values += 4) {
    const value = load<f32>(values);
    store<f32>(row + (<usize>d << 2), value);
    if (d > 0 && 2 * d < columns) store<f32>(opposite + (<usize>(columns - d) << 2), value);
  }
}
