/**
 * The two layouts that matmul reads, from matrices of any strides (in elements), and back.
 *
 * Panels of B (k × n): [⌈n/8⌉][k][8], eight columns side by side, the last panel's missing columns zero. The same in every build.
 * Rows of A (m × k): bands of 12 rows, each split into groups of `rows` (6 + 6 relaxed, 4 + 4 + 4 plain, the last band as evenly as
 * can be), each group [k][rows]; no padding, m · k elements in all. It depends on the build: not for keeping.
 *
 * What neighbours in memory along k is transposed four by four in registers, what neighbours along n (or m) is copied in vectors,
 * anything else goes element by element, and so do tails.
 */
import { BAND, groupRows, PANEL } from "./matmul-tile";

/** Elements of a panel or group at once: `lanes` neighbours of the packed matrix, 1, 2 or 4, for four steps of k. Source steps in bytes. */
// @ts-ignore: decorator
@inline
function transposeLanes(lanes: i32, from: usize, laneStep: usize, to: usize, toStep: usize): void {
  const x0 = v128.load(from);
  if (lanes == 1) {
    v128.store_lane<u32>(to, x0, 0);
    v128.store_lane<u32>(to + toStep, x0, 1);
    v128.store_lane<u32>(to + 2 * toStep, x0, 2);
    v128.store_lane<u32>(to + 3 * toStep, x0, 3);
    return;
  }
  const x1 = v128.load(from + laneStep);
  const low01 = v128.shuffle<u32>(x0, x1, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(x0, x1, 2, 6, 3, 7);
  if (lanes == 2) {
    v128.store_lane<u64>(to, low01, 0);
    v128.store_lane<u64>(to + toStep, low01, 1);
    v128.store_lane<u64>(to + 2 * toStep, high01, 0);
    v128.store_lane<u64>(to + 3 * toStep, high01, 1);
    return;
  }
  const x2 = v128.load(from + 2 * laneStep);
  const x3 = v128.load(from + 3 * laneStep);
  const low23 = v128.shuffle<u32>(x2, x3, 0, 4, 1, 5);
  const high23 = v128.shuffle<u32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<u64>(low01, low23, 0, 2));
  v128.store(to + toStep, v128.shuffle<u64>(low01, low23, 1, 3));
  v128.store(to + 2 * toStep, v128.shuffle<u64>(high01, high23, 0, 2));
  v128.store(to + 3 * toStep, v128.shuffle<u64>(high01, high23, 1, 3));
}

/** `width` (1 to 8) neighbours of the packed matrix for one step of k. Inlined with constant lanes. */
// @ts-ignore: decorator
@inline
function copyLanes(width: i32, from: usize, to: usize): void {
  if (width == 8) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    return;
  }
  if (width & 4) v128.store(to, v128.load(from));
  const rest: usize = (width & 4) << 2;
  if (width & 2) store<u64>(to + rest, load<u64>(from + rest));
  const last: usize = (width & 6) << 2;
  if (width & 1) store<u32>(to + last, load<u32>(from + last));
}

/** (k, width) at `to` from a strided source. Inlined with a constant width. */
// @ts-ignore: decorator
@inline
function packWidth(width: i32, from: usize, laneStep: usize, kStep: usize, k: i32, to: usize): void {
  const toStep: usize = width << 2;
  if (laneStep == 4) {
    for (let i = 0; i < k; i++, from += kStep, to += toStep) copyLanes(width, from, to);
    return;
  }
  if (kStep == 4) {
    for (; k >= 4; k -= 4, from += 16, to += 4 * toStep) {
      if (width == 8) {
        transposeLanes(4, from, laneStep, to, toStep);
        transposeLanes(4, from + 4 * laneStep, laneStep, to + 16, toStep);
      } else {
        if (width & 4) transposeLanes(4, from, laneStep, to, toStep);
        if (width & 2) transposeLanes(2, from + (width & 4) * laneStep, laneStep, to + ((width & 4) << 2), toStep);
        if (width & 1) transposeLanes(1, from + (width & 6) * laneStep, laneStep, to + ((width & 6) << 2), toStep);
      }
    }
  }
  for (; k > 0; k--, from += kStep) {
    for (let lane = 0; lane < width; lane++, to += 4) store<u32>(to, load<u32>(from + lane * laneStep));
  }
}

/** A group of 1 to 6 rows: (k, rows) at `to`. Steps in bytes. */
export function packGroup(rows: i32, a: usize, rowStep: usize, columnStep: usize, k: i32, to: usize): void {
  if (rows == 6) packWidth(6, a, rowStep, columnStep, k, to);
  else if (rows == 5) packWidth(5, a, rowStep, columnStep, k, to);
  else if (rows == 4) packWidth(4, a, rowStep, columnStep, k, to);
  else if (rows == 3) packWidth(3, a, rowStep, columnStep, k, to);
  else if (rows == 2) packWidth(2, a, rowStep, columnStep, k, to);
  else packWidth(1, a, rowStep, columnStep, k, to);
}

/** A panel of `width` columns, the others zero: (k, 8) at `to`. Steps in bytes. */
export function packPanel(width: i32, b: usize, columnStep: usize, kStep: usize, k: i32, to: usize): void {
  if (width == PANEL) {
    packWidth(8, b, columnStep, kStep, k, to);
    return;
  }
  memory.fill(to, 0, <usize>k << 5);
  for (const end = to + (<usize>k << 5); to < end; to += 32, b += kStep) {
    for (let column = 0; column < width; column++) store<u32>(to + (<usize>column << 2), load<u32>(b + column * columnStep));
  }
}

/** Rows of A (m × k) packed, from element (i, l) at i · rowStride + l · columnStride. Units: bands of 12 rows, ⌈m/12⌉. */
export function packRows(a: usize, rows: usize, m: i32, k: i32, rowStride: i32, columnStride: i32, begin: i32, end: i32): void {
  const rowStep: usize = rowStride << 2;
  const columnStep: usize = columnStride << 2;
  const last = min(end * BAND, m);
  for (let row = begin * BAND; row < last; ) {
    const group = groupRows(row, last);
    packGroup(group, a + row * rowStep, rowStep, columnStep, k, rows + ((<usize>row * k) << 2));
    row += group;
  }
}

/** Panels of B (k × n), from element (l, j) at l · kStride + j · nStride. Units: panels, ⌈n/8⌉. */
export function packPanels(b: usize, panels: usize, k: i32, n: i32, kStride: i32, nStride: i32, begin: i32, end: i32): void {
  const kStep: usize = kStride << 2;
  const columnStep: usize = nStride << 2;
  for (let panel = begin; panel < end; panel++) {
    const column = panel * PANEL;
    packPanel(min(PANEL, n - column), b + column * columnStep, columnStep, kStep, k, panels + ((<usize>column * k) << 2));
  }
}

/** The inverse of packPanels: element (l, j) of B goes to l · kStride + j · nStride. Units: panels, ⌈n/8⌉. */
export function unpackPanels(panels: usize, b: usize, k: i32, n: i32, kStride: i32, nStride: i32, begin: i32, end: i32): void {
  const kStep: usize = kStride << 2;
  const columnStep: usize = nStride << 2;
  for (let panel = begin; panel < end; panel++) {
    const column = panel * PANEL;
    const width = min(PANEL, n - column);
    let from = panels + ((<usize>column * k) << 2);
    let to = b + column * columnStep;
    let rest = k;
    if (width == PANEL && nStride == 1) {
      for (; rest > 0; rest--, from += 32, to += kStep) copyLanes(8, from, to);
    } else if (width == PANEL && kStride == 1) {
      for (; rest >= 4; rest -= 4, from += 128, to += 16) {
        transposeLanes(4, from, 32, to, columnStep);
        transposeLanes(4, from + 16, 32, to + 4 * columnStep, columnStep);
      }
    }
    for (; rest > 0; rest--, from += 32, to += kStep) {
      for (let j = 0; j < width; j++) store<u32>(to + j * columnStep, load<u32>(from + (<usize>j << 2)));
    }
  }
}
