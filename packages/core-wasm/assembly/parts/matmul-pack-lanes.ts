/**
 * One group or panel of matmul-pack.ts: `width` lanes (rows of A, columns of B) side by side, (k, width), from any strides.
 *
 * Neighbours in memory along k are transposed four by four in registers, neighbours along the lanes are copied in vectors, anything else
 * and what is left of k goes element by element. Steps in bytes.
 */
import { PANEL } from "./matmul-tile";

/** Four steps of k, neighbours at the source, of `lanes` (1, 2 or 4) neighbours of the packed matrix. Inlined with constant lanes. */
// @ts-ignore: decorator
@inline
export function transposeLanes(lanes: i32, from: usize, laneStep: usize, to: usize, toStep: usize): void {
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

/** `width` (4 to 6, or 8) neighbours of the packed matrix for one step of k. Inlined with a constant width. */
// @ts-ignore: decorator
@inline
export function copyLanes(width: i32, from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  if (width == 8) v128.store(to, v128.load(from, 16), 16);
  if (width & 2) store<u64>(to, load<u64>(from, 16), 16);
  if (width & 1) store<u32>(to, load<u32>(from, 16), 16);
}

/** (k, width) at `to` from a strided source, element by element. */
function packElements(width: i32, from: usize, laneStep: usize, kStep: usize, k: i32, to: usize): void {
  for (; k > 0; k--, from += kStep) {
    for (let lane: usize = 0; lane < <usize>width; lane++, to += 4) store<u32>(to, load<u32>(from + lane * laneStep));
  }
}

/** The same. Inlined with a constant width, 4 to 6 or 8. */
// @ts-ignore: decorator
@inline
function packWidth(width: i32, from: usize, laneStep: usize, kStep: usize, k: i32, to: usize): void {
  const toStep: usize = width << 2;
  if (laneStep == 4) {
    for (; k > 0; k--, from += kStep, to += toStep) copyLanes(width, from, to);
  } else if (kStep == 4) {
    for (; k >= 4; k -= 4, from += 16, to += 4 * toStep) {
      transposeLanes(4, from, laneStep, to, toStep);
      if (width == 8) transposeLanes(4, from + 4 * laneStep, laneStep, to + 16, toStep);
      if (width & 2) transposeLanes(2, from + 4 * laneStep, laneStep, to + 16, toStep);
      if (width & 1) transposeLanes(1, from + 4 * laneStep, laneStep, to + 16, toStep);
    }
  }
  packElements(width, from, laneStep, kStep, k, to);
}

/** A group of 1 to 6 rows: (k, rows) at `to`. Steps in bytes. Small groups are rare, and go element by element. */
export function packGroup(rows: i32, a: usize, rowStep: usize, columnStep: usize, k: i32, to: usize): void {
  if (rows == 6) packWidth(6, a, rowStep, columnStep, k, to);
  else if (rows == 5) packWidth(5, a, rowStep, columnStep, k, to);
  else if (rows == 4) packWidth(4, a, rowStep, columnStep, k, to);
  else packElements(rows, a, rowStep, columnStep, k, to);
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
