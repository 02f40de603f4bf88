/**
 * Convolution as a matmul: x (B, C, H, W) → columns (B, C·K·K, H'·W'), so that y (B, out, H'·W') is the weight
 * (out, C·K·K) times columns: packPatches makes them as the panels that matmul reads, im2col as plain rows for the gradients.
 * H' = ⌊(H + 2·padding - K) / stride⌋ + 1, W' alike; the padding is zeros. A 1×1 kernel with stride 1
 * needs none of it. im2col's gradient is col2im, which adds each column's entries back to the pixel they came from; every
 * thread owns whole (H, W) planes.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { copyLanes } from "./parts/matmul-pack-lanes";
import { ceilDivide, PANEL } from "./parts/matmul-tile";
import { addRow, copyRow } from "./simd/rows";

/** A panel's row. */
const PANEL_BYTES: usize = PANEL * 4;

/**
 * Outputs along one axis.
 * @length convolutionOutputs(length, kernel, stride, padding) = floor((length + 2 * padding - kernel) / stride) + 1
 */
// @ts-ignore: decorator
@inline
function outputs(length: i32, kernel: i32, stride: i32, padding: i32): i32 {
  return (length + 2 * padding - kernel) / stride + 1;
}

/** The first output whose tap, `offset` away from output·stride, isn't before the image. */
// @ts-ignore: decorator
@inline
function firstInside(offset: i32, stride: i32): i32 {
  return offset < 0 ? (stride - 1 - offset) / stride : 0;
}

/** One more than the last output whose tap isn't behind the image. */
// @ts-ignore: decorator
@inline
function lastInside(offset: i32, stride: i32, length: i32, count: i32): i32 {
  return offset >= length ? 0 : min(count, (length - 1 - offset) / stride + 1);
}

/**
 * x (B, C, H, W) → columns (B, C·K·K, H'·W'). Units: rows of columns, B·C·K·K.
 * @units planes * kernel * kernel
 * @cost 2 * convolutionOutputs(height, kernel, stride, padding) * convolutionOutputs(width, kernel, stride, padding)
 */
export function im2col(
  x: Floats, columns: FloatsOut, height: i32, width: i32, kernel: i32, stride: i32, padding: i32, begin: i32, end: i32,
): void {
  const down = outputs(height, kernel, stride, padding);
  const across = outputs(width, kernel, stride, padding);
  for (let unit = begin; unit < end; unit++) {
    const plane = unit / (kernel * kernel);
    const rowOffset = unit / kernel % kernel - padding;
    const columnOffset = unit % kernel - padding;
    const first = min(across, firstInside(columnOffset, stride));
    const last = max(first, lastInside(columnOffset, stride, width, across));
    let to = columns + (<usize>(unit * down * across) << 2);
    for (let i = 0; i < down; i++) {
      const row = i * stride + rowOffset;
      const inside = row >= 0 && row < height;
      const left = inside ? first : across;
      const right = inside ? last : across;
      for (let j = 0; j < left; j++, to += 4) store<f32>(to, 0);
      let from = x + (<usize>((plane * height + row) * width + left * stride + columnOffset) << 2);
      if (stride == 1) {
        copyRow(from, to, right - left);
        to += <usize>(right - left) << 2;
      } else {
        for (let j = left; j < right; j++, to += 4, from += <usize>stride << 2) store<u32>(to, load<u32>(from));
      }
      for (let j = right; j < across; j++, to += 4) store<f32>(to, 0);
    }
  }
}

/**
 * x (B, C, H, W) → its columns as panels (matmul-pack.ts), B matrices one after the other; with `ones` each has a last row of ones, so
 * that the weight's last column is a bias. Units: panels, B · ⌈H'·W' / 8⌉. Tails: the last panel's missing columns are zero.
 * @units batch * ceilDivide(convolutionOutputs(height, kernel, stride, padding) * convolutionOutputs(width, kernel, stride, padding), PANEL)
 * @cost 8 * channels * kernel * kernel
 */
export function packPatches(
  x: Floats, panels: FloatsOut, channels: i32, height: i32, width: i32, kernel: i32, stride: i32, padding: i32, ones: bool,
  begin: i32, end: i32,
): void {
  const across = outputs(width, kernel, stride, padding);
  const places = outputs(height, kernel, stride, padding) * across;
  const panelsOfImage = ceilDivide(places, PANEL);
  const taps = kernel * kernel;
  const k = channels * taps + <i32>ones;
  const plane: usize = (height * width) << 2;
  const step: usize = taps * PANEL_BYTES; // from one channel's tap to the next's
  for (let unit = begin; unit < end; unit++) {
    const image = x + <usize>(unit / panelsOfImage * channels) * plane;
    const place = unit % panelsOfImage * PANEL;
    const count = min(PANEL, places - place);
    const panel = panels + <usize>unit * k * PANEL_BYTES;
    const oneRow = stride == 1 && count == PANEL && place % across + PANEL <= across;
    for (let tap = 0; tap < taps; tap++) {
      const rowOffset = tap / kernel - padding;
      const columnOffset = tap % kernel - padding;
      let to = panel + tap * PANEL_BYTES;
      const row = place / across + rowOffset;
      const column = place % across + columnOffset;
      if (oneRow && row >= 0 && row < height && column >= 0 && column + PANEL <= width) {
        let from = image + (<usize>(row * width + column) << 2);
        for (let channel = 0; channel < channels; channel++, from += plane, to += step) copyLanes(PANEL, from, to);
      } else {
        for (let lane = 0; lane < PANEL; lane++) {
          const i = (place + lane) / across * stride + rowOffset;
          const j = (place + lane) % across * stride + columnOffset;
          const inside = lane < count && i >= 0 && i < height && j >= 0 && j < width;
          let from = image + (<usize>(i * width + j) << 2);
          let cell = to + (<usize>lane << 2);
          if (inside) for (let channel = 0; channel < channels; channel++, from += plane, cell += step) store<u32>(cell, load<u32>(from));
          else for (let channel = 0; channel < channels; channel++, cell += step) store<u32>(cell, 0);
        }
      }
    }
    for (let lane = 0; ones && lane < PANEL; lane++) store<f32>(panel + <usize>channels * step + (<usize>lane << 2), lane < count ? 1 : 0);
  }
}

/**
 * columns (B, C·K·K, H'·W') → x (B, C, H, W), overlapping entries added. Units: planes, B·C.
 * @units planes
 * @cost 2 * kernel * kernel * convolutionOutputs(height, kernel, stride, padding) * convolutionOutputs(width, kernel, stride, padding)
 */
export function col2im(
  columns: Floats, x: FloatsOut, height: i32, width: i32, kernel: i32, stride: i32, padding: i32, begin: i32, end: i32,
): void {
  const down = outputs(height, kernel, stride, padding);
  const across = outputs(width, kernel, stride, padding);
  const size = <usize>(height * width) << 2;
  for (let plane = begin; plane < end; plane++) {
    const image = x + <usize>plane * size;
    memory.fill(image, 0, size);
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const rowOffset = tap / kernel - padding;
      const columnOffset = tap % kernel - padding;
      const first = firstInside(columnOffset, stride);
      const last = max(first, lastInside(columnOffset, stride, width, across));
      const rows = lastInside(rowOffset, stride, height, down);
      for (let i = firstInside(rowOffset, stride); i < rows; i++) {
        let from = columns + (<usize>(((plane * kernel * kernel + tap) * down + i) * across + first) << 2);
        let to = image + (<usize>((i * stride + rowOffset) * width + first * stride + columnOffset) << 2);
        if (stride == 1) addRow(from, to, last - first);
        else {
          for (let j = first; j < last; j++, from += 4, to += <usize>stride << 2) {
            store<f32>(to, load<f32>(to) + load<f32>(from));
          }
        }
      }
    }
  }
}
