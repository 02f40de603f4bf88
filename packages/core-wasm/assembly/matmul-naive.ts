// Temporary: stands in for matmul.ts and matmul-pack.ts until they are ready.
import { madd } from "./simd/madd";
export function packPanels(b: usize, panels: usize, k: i32, n: i32, kStride: i32, nStride: i32, begin: i32, end: i32): void {
  for (let p = begin; p < end; p++)
    for (let i = 0; i < k; i++)
      for (let j = 0; j < 8; j++) {
        const column = p * 8 + j;
        store<f32>(panels + ((p * k + i) * 8 + j) * 4, column < n ? load<f32>(b + (i * kStride + column * nStride) * 4) : 0);
      }
}
export function unpackPanels(panels: usize, b: usize, k: i32, n: i32, kStride: i32, nStride: i32, begin: i32, end: i32): void {
  for (let p = begin; p < end; p++)
    for (let i = 0; i < k; i++)
      for (let j = 0; j < 8; j++) {
        const column = p * 8 + j;
        if (column < n) store<f32>(b + (i * kStride + column * nStride) * 4, load<f32>(panels + ((p * k + i) * 8 + j) * 4));
      }
}
/** Units: rows of C. */
export function matmul(a: usize, aRowStride: i32, aColumnStride: i32, panels: usize, c: usize, m: i32, n: i32, k: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++)
    for (let p = 0; p * 8 < n; p++) {
      let c0 = f32x4.splat(0), c1 = c0;
      for (let i = 0; i < k; i++) {
        const x = v128.load32_splat(a + (row * aRowStride + i * aColumnStride) * 4);
        const b = panels + ((p * k + i) * 8) * 4;
        c0 = madd(x, v128.load(b), c0);
        c1 = madd(x, v128.load(b, 16), c1);
      }
      for (let j = 0; j < 8 && p * 8 + j < n; j++) {
        store<f32>(c + (row * n + p * 8 + j) * 4, j == 0 ? f32x4.extract_lane(c0, 0) : j == 1 ? f32x4.extract_lane(c0, 1) : j == 2 ? f32x4.extract_lane(c0, 2) : j == 3 ? f32x4.extract_lane(c0, 3) : j == 4 ? f32x4.extract_lane(c1, 0) : j == 5 ? f32x4.extract_lane(c1, 1) : j == 6 ? f32x4.extract_lane(c1, 2) : f32x4.extract_lane(c1, 3));
      }
    }
}
