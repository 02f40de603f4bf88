/** Specification of assembly/average-pool.ts. */
import { taps } from "./convolution.ts";
import type { Numbers } from "./numbers.ts";

export function averagePool(x: Numbers, planes: number, height: number, width: number, kernel: number): Float64Array {
  const size = Math.floor(height / kernel) * Math.floor(width / kernel);
  const y = new Float64Array(planes * size);
  const area = kernel * kernel;
  taps(planes, height, width, kernel, kernel, 0, (tap, from) => {
    y[Math.floor(tap / (area * size)) * size + (tap % size)]! += x[from]! / area;
  });
  return y;
}

export function averagePoolBackward(dy: Numbers, planes: number, height: number, width: number, kernel: number): Float64Array {
  const size = Math.floor(height / kernel) * Math.floor(width / kernel);
  const dx = new Float64Array(planes * height * width);
  const area = kernel * kernel;
  taps(planes, height, width, kernel, kernel, 0, (tap, to) => {
    dx[to] = dy[Math.floor(tap / (area * size)) * size + (tap % size)]! / area;
  });
  return dx;
}
