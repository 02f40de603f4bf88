/**
 * Strided copies. permute writes a contiguous y of up to six axes, y[i₀…i₅] = x[Σ iₖ·sₖ]: transposes, slices with
 * steps, broadcasts (stride 0). Rows that are contiguous in x are copied; where the last two axes of y form a 2-D
 * transpose (the last but one has stride 1 in x), 4×4 blocks are transposed in registers, in strips of 64 columns of y:
 * the 64 cache lines of x behind four rows of y serve the next rows too. The caller merges neighbouring axes where it
 * can, and puts axes of length 1 in front.
 */
import { Words, WordsOut } from "./parts/operands";
import { copyRow } from "./simd/rows";

/** Columns of y in a strip: as many rows of x, whose pages and lines the caches hold. */
const TILE: i32 = 64;

/** Four rows of x, `xStride` bytes apart, become four columns of y. */
// @ts-ignore: decorator
@inline
function transposeBlock(x: usize, xStride: usize, y: usize, yStride: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + xStride);
  const c = v128.load(x + 2 * xStride);
  const d = v128.load(x + 3 * xStride);
  const ab01 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<u64>(ab01, cd01, 0, 2));
  v128.store(y + yStride, v128.shuffle<u64>(ab01, cd01, 1, 3));
  v128.store(y + 2 * yStride, v128.shuffle<u64>(ab23, cd23, 0, 2));
  v128.store(y + 3 * yStride, v128.shuffle<u64>(ab23, cd23, 1, 3));
}

/** y[j] = x[j · stride] */
function strideRow(x: usize, y: usize, stride: usize, count: i32): void {
  const end = y + (<usize>count << 2);
  for (; y < end; x += stride, y += 4) store<u32>(y, load<u32>(x));
}

/** y (rows, columns) = x (columns, rows)ᵀ, `xStride` and `yStride` bytes from row to row. */
function transposeRows(x: usize, xStride: usize, y: usize, yStride: usize, rows: i32, columns: i32): void {
  const bodyRows = rows & ~3;
  const body = columns & ~3;
  for (let left = 0; left < body; left += TILE) {
    const right = min(body, left + TILE);
    for (let row = 0; row < bodyRows; row += 4) {
      let source = x + (<usize>row << 2) + <usize>left * xStride;
      let target = y + <usize>row * yStride + (<usize>left << 2);
      for (let column = left; column < right; column += 4, source += 4 * xStride, target += 16) {
        transposeBlock(source, xStride, target, yStride);
      }
    }
  }
  for (let row = 0; row < rows; row++) {
    const done = row < bodyRows ? body : 0;
    strideRow(
      x + (<usize>row << 2) + <usize>done * xStride, y + <usize>row * yStride + (<usize>done << 2), xStride, columns - done,
    );
  }
}

/**
 * y[i₀…i₅] = x[i₀·s₀ + … + i₅·s₅], y contiguous. n₁…n₅ are the lengths of y's axes (the first isn't needed), s₀…s₅ the
 * strides of x in elements. Units: rows of y, of n₅ elements.
 * @units n0 * n1 * n2 * n3 * n4
 * @cost n5
 */
export function permute(
  x: Words, y: WordsOut, n1: i32, n2: i32, n3: i32, n4: i32, n5: i32,
  s0: i32, s1: i32, s2: i32, s3: i32, s4: i32, s5: i32, begin: i32, end: i32,
): void {
  const yStride = <usize>n5 << 2;
  const xStride = <usize>s5 << 2;
  let row = begin;
  while (row < end) {
    const i4 = row % n4;
    let outer = row / n4;
    let source = s4 * i4 + s3 * (outer % n3);
    outer /= n3;
    source += s2 * (outer % n2);
    outer /= n2;
    source += s1 * (outer % n1) + s0 * (outer / n1);
    const rows = min(n4 - i4, end - row);
    let from = x + (<usize>source << 2);
    let to = y + <usize>row * yStride;
    if (s4 == 1 && s5 != 1) transposeRows(from, xStride, to, yStride, rows, n5);
    else {
      for (let r = 0; r < rows; r++, from += <usize>s4 << 2, to += yStride) {
        if (s5 == 1) copyRow(from, to, n5);
        else strideRow(from, to, xStride, n5);
      }
    }
    row += rows;
  }
}
