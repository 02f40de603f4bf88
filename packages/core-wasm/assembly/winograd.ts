/**
 * 3×3 convolution with stride 1 in 16 multiplications for every 2×2 outputs, where 36 are usual: F(2×2, 3×3) of Lavin & Gray 2016, Fast Algorithms
 * for Convolutional Neural Networks, eq. 11. For each tile of 4×4 pixels d, two apart, and each 3×3 kernel g
 *
 *   y = Aᵀ [ Σ_C (G g Gᵀ) ⊙ (Bᵀ d B) ] A
 *
 *   Bᵀ = 1  0 -1  0     G = 1  0  0     Aᵀ = 1  1  1  0
 *        0  1  1  0         ½  ½  ½          0  1 -1 -1
 *        0 -1  1  0         ½ -½  ½
 *        0  1  0 -1         0  0  1
 *
 * The sum over C for each of the 16 places is a matrix product: (out, C) times (C, tiles), by matmul. H' = H + 2·padding - 2, W' alike. Tiles lie row
 * by row, rows of tiles filled up to a multiple of four: T = B · ⌈H'/2⌉ · ⌈W'/8⌉·4 in all, and T up to a multiple of eight, so that four neighbours are four lanes. Tails: pixels beyond the image are zeros, outputs beyond it aren't written.
 * A pixel that isn't finite spoils the whole of its tiles.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { ceilDivide, PANEL } from "./parts/matmul-tile";
import { loadTail, storeTail } from "./simd/lanes";

/**
 * Tiles of a batch whose outputs are (H', W'), those that fill rows and panels included.
 * @length winogradTiles(batch, height, width) = ceilDivide(batch * ceilDivide(height, 2) * ceilDivide(width, 8) * 4, PANEL) * PANEL
 */

/** Bytes of four lanes. */
const QUAD: usize = 16;

/**
 * G g Gᵀ: weight (rows, 3, 3) → (16, rows), where a row is a pair of channels. Units: rows.
 * @units rows
 * @cost 32
 */
export function winogradKernels(weight: Floats, y: FloatsOut, rows: i32, begin: i32, end: i32): void {
  const step: usize = rows << 2;
  for (let row = begin; row < end; row++) {
    const g = weight + <usize>row * 36;
    let to = y + (<usize>row << 2);
    for (let i = 0; i < 4; i++) {
      const g0 = combined(i, g);
      const g1 = combined(i, g + 4);
      const g2 = combined(i, g + 8);
      store<f32>(to, g0);
      store<f32>(to + step, <f32>0.5 * (g0 + g1 + g2));
      store<f32>(to + 2 * step, <f32>0.5 * (g0 - g1 + g2));
      store<f32>(to + 3 * step, g2);
      to += 4 * step;
    }
  }
}

/** Row i of G times a column of g. */
function combined(i: i32, column: usize): f32 {
  const top = load<f32>(column);
  const middle = load<f32>(column, 12);
  const bottom = load<f32>(column, 24);
  if (i == 0) return top;
  if (i == 1) return <f32>0.5 * (top + middle + bottom);
  if (i == 2) return <f32>0.5 * (top - middle + bottom);
  return bottom;
}

/**
 * Bᵀ d B: x (B, C, H, W) → 16 matrices (C, T) as panels (matmul-pack.ts), panelsStride elements apart. Units: planes,
 * B·C; the last image's fill what is left of the last panel with zeros.
 * @units batch * channels
 * @cost 8 * height * width
 * @scratch 5 * 32 * (ceilDivide(width + 2 * padding - 2, 8) + 1)
 */
export function winogradPatches(
  x: Floats, panels: FloatsOut, batch: i32, channels: i32, height: i32, width: i32, padding: i32, panelsStride: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const down = (height + 2 * padding - 1) >> 1;
  const quads = (width + 2 * padding + 5) >> 3; // in a row of tiles
  const total = batch * down * quads;
  const cell: usize = channels << 5; // from panel to panel
  const matrix: usize = panelsStride << 2;
  const length: usize = quads * 32 + 32; // a row of pixels with zeros on both sides
  const zeros = scratch + 4 * length;
  memory.fill(scratch, 0, 5 * length);
  for (let plane = begin; plane < end; plane++) {
    const image = plane / channels;
    const pixels = x + (<usize>(plane * height * width) << 2);
    const column = panels + (<usize>(plane % channels) << 5);
    for (let i = 0; i < down; i++) {
      const top = 2 * i - padding;
      combineRows(
        rowOr(zeros, pixels, top, height, width), rowOr(zeros, pixels, top + 1, height, width),
        rowOr(zeros, pixels, top + 2, height, width), rowOr(zeros, pixels, top + 3, height, width),
        scratch + (<usize>padding << 2), length, width,
      );
      for (let quad = 0; quad < quads; quad++) {
        const place = (image * down + i) * quads + quad;
        let to = column + <usize>(place >> 1) * cell + (place & 1 ? QUAD : 0);
        let from = scratch + <usize>quad * 32;
        for (let row = 0; row < 4; row++, from += length, to += 4 * matrix) {
          const a = v128.load(from);
          const b = v128.load(from, 16);
          const c = v128.load(from, 8);
          const d = v128.load(from, 24);
          const d0 = v128.shuffle<u32>(a, b, 0, 2, 4, 6);
          const d1 = v128.shuffle<u32>(a, b, 1, 3, 5, 7);
          const d2 = v128.shuffle<u32>(c, d, 0, 2, 4, 6);
          const d3 = v128.shuffle<u32>(c, d, 1, 3, 5, 7);
          v128.store(to, f32x4.sub(d0, d2));
          v128.store(to + matrix, f32x4.add(d1, d2));
          v128.store(to + 2 * matrix, f32x4.sub(d2, d1));
          v128.store(to + 3 * matrix, f32x4.sub(d1, d3));
        }
      }
    }
    if (image == batch - 1 && total & 1) {
      let to = column + <usize>(total >> 1) * cell + QUAD;
      for (let k = 0; k < 16; k++, to += matrix) v128.store(to, f32x4.splat(0));
    }
  }
}

function rowOr(zeros: usize, pixels: usize, row: i32, height: i32, width: i32): usize {
  return row >= 0 && row < height ? pixels + (<usize>(row * width) << 2) : zeros;
}

/** Bᵀ times four rows of pixels: `width` of each at `to`, `step` bytes from row to row. */
function combineRows(row0: usize, row1: usize, row2: usize, row3: usize, to: usize, step: usize, width: i32): void {
  for (let j = 0; j < width; j += 4) {
    const lanes = min(4, width - j);
    const d0 = loadTail(row0, lanes, 0);
    const d1 = loadTail(row1, lanes, 0);
    const d2 = loadTail(row2, lanes, 0);
    const d3 = loadTail(row3, lanes, 0);
    v128.store(to, f32x4.sub(d0, d2)); // beyond the width it is zero
    v128.store(to + step, f32x4.add(d1, d2));
    v128.store(to + 2 * step, f32x4.sub(d2, d1));
    v128.store(to + 3 * step, f32x4.sub(d1, d3));
    row0 += QUAD;
    row1 += QUAD;
    row2 += QUAD;
    row3 += QUAD;
    to += QUAD;
  }
}

/**
 * Aᵀ m A of the products, 16 matrices (out, T) that are productsStride elements apart, then max(norm, floor): y (B, out, H', W'). The norm is
 * batchNorm's: mean, variance, weight and bias (out). floor: 0 is a ReLU, -∞ nothing. Units: planes of y, B·out.
 * @units batch * channels
 * @cost 6 * height * width
 */
export function winogradOutputs(
  products: Floats, mean: Floats, variance: Floats, weight: Floats, bias: Floats, y: FloatsOut, productsStride: i32, batch: i32, channels: i32,
  height: i32, width: i32, epsilon: f32, floor: f32, begin: i32, end: i32,
): void {
  const down = ceilDivide(height, 2);
  const quads = ceilDivide(width, PANEL);
  const row: usize = ((batch * down * quads + 1) >> 1) << 5;
  const matrix: usize = productsStride << 2;
  const least = f32x4.splat(floor);
  for (let plane = begin; plane < end; plane++) {
    const image = plane / channels;
    const channel: usize = (plane % channels) << 2;
    const factor = load<f32>(weight + channel) / sqrt(load<f32>(variance + channel) + epsilon);
    const scale = f32x4.splat(factor);
    const shift = f32x4.splat(load<f32>(bias + channel) - load<f32>(mean + channel) * factor);
    let from = products + <usize>(plane % channels) * row + <usize>(image * down * quads) * QUAD;
    for (let i = 0; i < height; i += 2) {
      for (let j = 0; j < width; j += PANEL, from += QUAD) {
        const to = y + (<usize>((plane * height + i) * width + j) << 2);
        const lanes = min(PANEL, width - j);
        let m = from;
        const m00 = v128.load(m);
        const m01 = v128.load(m + matrix);
        const m02 = v128.load(m + 2 * matrix);
        const m03 = v128.load(m + 3 * matrix);
        m += 4 * matrix;
        const m10 = v128.load(m);
        const m11 = v128.load(m + matrix);
        const m12 = v128.load(m + 2 * matrix);
        const m13 = v128.load(m + 3 * matrix);
        m += 4 * matrix;
        const m20 = v128.load(m);
        const m21 = v128.load(m + matrix);
        const m22 = v128.load(m + 2 * matrix);
        const m23 = v128.load(m + 3 * matrix);
        finishRow(
          f32x4.add(f32x4.add(m00, m10), m20), f32x4.add(f32x4.add(m01, m11), m21), f32x4.add(f32x4.add(m02, m12), m22),
          f32x4.add(f32x4.add(m03, m13), m23), scale, shift, least, to, lanes,
        );
        if (i + 1 == height) continue;
        m += 4 * matrix;
        finishRow(
          f32x4.sub(f32x4.sub(m10, m20), v128.load(m)), f32x4.sub(f32x4.sub(m11, m21), v128.load(m + matrix)),
          f32x4.sub(f32x4.sub(m12, m22), v128.load(m + 2 * matrix)), f32x4.sub(f32x4.sub(m13, m23), v128.load(m + 3 * matrix)),
          scale, shift, least, to + (<usize>width << 2), lanes,
        );
      }
    }
  }
}

/** A row of Aᵀ m times A, for four tiles: eight outputs side by side, of which `lanes` are written. */
// @ts-ignore: decorator
@inline
function finishRow(m0: v128, m1: v128, m2: v128, m3: v128, scale: v128, shift: v128, least: v128, to: usize, lanes: i32): void {
  const even = f32x4.max(f32x4.add(f32x4.mul(f32x4.add(f32x4.add(m0, m1), m2), scale), shift), least);
  const odd = f32x4.max(f32x4.add(f32x4.mul(f32x4.sub(f32x4.sub(m1, m2), m3), scale), shift), least);
  const left = v128.shuffle<u32>(even, odd, 0, 4, 1, 5);
  const right = v128.shuffle<u32>(even, odd, 2, 6, 3, 7);
  storeTail(to, left, min(4, lanes));
  if (lanes > 4) storeTail(to + QUAD, right, lanes - 4);
}
