/** Specification of assembly/convolution.ts. */
import { packPanels } from "./matmul.ts";
import type { Numbers } from "./numbers.ts";

/** f(place in columns, place in x) for every tap that lies inside the image. */
export function taps(
  planes: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
  f: (column: number, pixel: number) => void,
): number {
  const down = Math.floor((height + 2 * padding - kernel) / stride) + 1;
  const across = Math.floor((width + 2 * padding - kernel) / stride) + 1;
  for (let plane = 0; plane < planes; plane++) {
    for (let tap = 0; tap < kernel * kernel; tap++) {
      for (let i = 0; i < down; i++) {
        for (let j = 0; j < across; j++) {
          const row = i * stride + Math.floor(tap / kernel) - padding;
          const column = j * stride + (tap % kernel) - padding;
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          f(((plane * kernel * kernel + tap) * down + i) * across + j, (plane * height + row) * width + column);
        }
      }
    }
  }
  return planes * kernel * kernel * down * across;
}

/** x (B, C, H, W) → (B, C·K·K, H'·W'); planes = B·C. */
export function im2col(
  x: Numbers,
  planes: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): Float64Array {
  const size = taps(planes, height, width, kernel, stride, padding, () => {});
  const columns = new Float64Array(size);
  taps(planes, height, width, kernel, stride, padding, (to, from) => (columns[to] = x[from]!));
  return columns;
}

/** x (B, C, H, W) → the columns of each image, and a row of ones below if asked for, as panels. */
export function packPatches(
  x: Numbers,
  batch: number,
  channels: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
  ones: boolean,
): Float64Array {
  const columns = im2col(x, batch * channels, height, width, kernel, stride, padding);
  const k = channels * kernel ** 2;
  const places = columns.length / batch / k;
  const images = Array.from({ length: batch }, (_, image) => {
    const own = columns.subarray(image * k * places, (image + 1) * k * places);
    return packPanels([...own, ...new Float64Array(ones ? places : 0).fill(1)], k + Number(ones), places, places, 1);
  });
  return Float64Array.from(images.flatMap((panels) => [...panels]));
}

/** (B, C·K·K, H'·W') → (B, C, H, W). */
export function col2im(
  columns: Numbers,
  planes: number,
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): Float64Array {
  const x = new Float64Array(planes * height * width);
  taps(planes, height, width, kernel, stride, padding, (from, to) => (x[to]! += columns[from]!));
  return x;
}
