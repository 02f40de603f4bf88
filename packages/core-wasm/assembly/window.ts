/**
 * Swin's windows (Liu et al. 2021, section 3.2) with the cyclic shift folded in: x (B, H, W, C) is rolled by (-shift, -shift)
 * and cut into M×M windows, y (B·nW, M·M, C), batch-major, windows and the tokens in them row-major:
 * y[(b, v, u), (i, j)] = x[b, (v·M + i + shift) mod H, (u·M + j + shift) mod W]. H and W are multiples of M, 0 ≤ shift < M.
 *
 * It is a bijection, so each direction is the other's gradient. A window's row of M tokens is contiguous in x but for one
 * possible wrap: one or two copies.
 */
import { copyRow } from "./simd/rows";

// @ts-ignore: decorator
@inline
function moveRows(
  reverse: bool, image: usize, windows: usize, height: i32, width: i32, channels: i32, window: i32, shift: i32,
  begin: i32, end: i32,
): void {
  const across = width / window;
  const down = height / window;
  const tokenBytes = <usize>channels << 2;
  for (let row = begin; row < end; row++) {
    const i = row % window;
    let index = row / window;
    const u = index % across;
    index /= across;
    const v = index % down;
    const batch = index / down;
    const line = batch * height + (v * window + i + shift) % height;
    const column = (u * window + shift) % width;
    const straight = min(window, width - column); // tokens before the wrap
    const first = image + <usize>(line * width + column) * tokenBytes;
    const wrapped = image + <usize>(line * width) * tokenBytes;
    const inWindow = windows + <usize>(row * window) * tokenBytes;
    const rest = inWindow + <usize>straight * tokenBytes;
    if (reverse) {
      copyRow(inWindow, first, straight * channels);
      copyRow(rest, wrapped, (window - straight) * channels);
    } else {
      copyRow(first, inWindow, straight * channels);
      copyRow(wrapped, rest, (window - straight) * channels);
    }
  }
}

/** x (B, H, W, C) → y (B·nW, M·M, C). Units: rows of windows, B·nW·M of them. */
export function windowPartition(
  x: usize, y: usize, height: i32, width: i32, channels: i32, window: i32, shift: i32, begin: i32, end: i32,
): void {
  moveRows(false, x, y, height, width, channels, window, shift, begin, end);
}

/** x (B·nW, M·M, C) → y (B, H, W, C), the inverse. Units: rows of windows, B·nW·M of them. */
export function windowReverse(
  x: usize, y: usize, height: i32, width: i32, channels: i32, window: i32, shift: i32, begin: i32, end: i32,
): void {
  moveRows(true, y, x, height, width, channels, window, shift, begin, end);
}
