/**
 * Σ x² over everything, in two steps so that threads share the first: a sum for each block of 4096 elements, and then their sum. Kept in f64,
 * in an order that depends on the length alone.
 */
import { Bytes, BytesOut, Floats, FloatsOut } from "./parts/operands";
import { ceilDivide } from "./parts/matmul-tile";
import { rowDot } from "./simd/wide";

/** Elements in a block. */
const BLOCK: i32 = 4096;

/**
 * Bytes that the blocks' sums take.
 * @length sumOfSquaresPartialsBytes(length) = 8 * ceilDivide(length, BLOCK)
 */

/**
 * partials[block] = Σ x² over the 4096 elements of the block, f64. Units: blocks.
 * @units ceilDivide(length, BLOCK)
 * @cost BLOCK
 */
export function sumOfSquaresPartials(x: Floats, partials: BytesOut, length: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK;
    const source = x + (<usize>first << 2);
    store<f64>(partials + (<usize>block << 3), rowDot(source, source, min(BLOCK, length - first)));
  }
}

/**
 * y[0] = Σ partials of `length` elements. Units: one.
 * @units 1
 * @cost ceilDivide(length, BLOCK)
 */
export function sumOfPartials(partials: Bytes, y: FloatsOut, length: i32, begin: i32, end: i32): void {
  const blocks = ceilDivide(length, BLOCK);
  let total: f64 = 0;
  for (let block = 0; block < blocks; block++) total += load<f64>(partials + (<usize>block << 3));
  if (begin < end) store<f32>(y, <f32>total);
}
