/**
 * The two layouts that matmul reads, from matrices of any strides (in elements), and back.
 *
 * Panels of B (k × n): [⌈n/8⌉][k][8], eight columns side by side, the last panel's missing columns zero. The same in every build.
 * Rows of A (m × k): groups of at most as many rows as the tile has, as even as can be, each [k][rows]; no padding, m · k elements in all. It
 * depends on the tile: not for keeping.
 *
 * How they are filled is in matmul-pack-lanes.ts. Tails: exact, nothing beyond either matrix is read or written.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { copyLanes, packGroup, packPanel, transposeLanes } from "./parts/matmul-pack-lanes";
import { ceilDivide, PANEL, partBegin, tileRows } from "./parts/matmul-tile";

/**
 * Elements that the packed panels of a (k, n) matrix take.
 * @length packedPanelsLength(k, n) = ceilDivide(n, PANEL) * PANEL * k
 */

/** Rows that a unit of packRows has, about: it takes its share of the groups, whatever the tile. */
const UNIT_ROWS: i32 = 12;

/**
 * Rows of A (m × k) packed, from element (i, l) at i · rowStride + l · columnStride. Units: shares of the groups, ⌈m/12⌉.
 * @units ceilDivide(m, UNIT_ROWS)
 * @cost 12 * k
 */
export function packRows(a: Floats, rows: FloatsOut, m: i32, k: i32, rowStride: i32, columnStride: i32, begin: i32, end: i32): void {
  const rowStep: usize = rowStride << 2;
  const columnStep: usize = columnStride << 2;
  const units = ceilDivide(m, UNIT_ROWS);
  const groups = ceilDivide(m, tileRows());
  const last = partBegin(end, units, groups);
  for (let group = partBegin(begin, units, groups); group < last; group++) {
    const row = partBegin(group, groups, m);
    packGroup(partBegin(group + 1, groups, m) - row, a + row * rowStep, rowStep, columnStep, k, rows + ((<usize>row * k) << 2));
  }
}

/**
 * Panels of B (k × n), from element (l, j) at l · kStride + j · nStride. Units: panels, ⌈n/8⌉.
 * @units ceilDivide(n, PANEL)
 * @cost 8 * k
 */
export function packPanels(b: Floats, panels: FloatsOut, k: i32, n: i32, kStride: i32, nStride: i32, begin: i32, end: i32): void {
  const kStep: usize = kStride << 2;
  const columnStep: usize = nStride << 2;
  for (let panel = begin; panel < end; panel++) {
    const column = panel * PANEL;
    packPanel(min(PANEL, n - column), b + column * columnStep, columnStep, kStep, k, panels + ((<usize>column * k) << 2));
  }
}

/**
 * The inverse of packPanels: element (l, j) of B goes to l · kStride + j · nStride. Units: panels, ⌈n/8⌉.
 * @units ceilDivide(n, PANEL)
 * @cost 8 * k
 */
export function unpackPanels(panels: Floats, b: FloatsOut, k: i32, n: i32, kStride: i32, nStride: i32, begin: i32, end: i32): void {
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
