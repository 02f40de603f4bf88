/** Kernels over images: convolution's columns, pooling, resampling, patches, 8-bit resizing. */
import { expect } from "vitest";
import { averagePool, averagePoolBackward } from "../reference/average-pool.ts";
import * as convolution from "../reference/convolution.ts";
import { interpolate, interpolateBackward } from "../reference/interpolate.ts";
import { patchify, unpatchify } from "../reference/patchify.ts";
import { resizeAcross, resizeDown } from "../reference/resize.ts";
import * as winograd from "../reference/winograd.ts";
import { winogradTiles } from "../src/index.ts";
import type { Bench, KernelCase } from "./bench.ts";

/** Lengths m and inner that an axis of n is resampled to, longer and shorter, by each filter. */
const resamplings = (n: number) =>
  (["linear", "cubic", "cubicAntialias"] as const).flatMap((mode) =>
    [
      { mode, m: 7, inner: 3 },
      { mode, m: 2 * n + 1, inner: 1 },
      { mode, m: Math.ceil(n / 3), inner: 5 },
    ].map((each) => ({ ...each, scale: n / each.m })),
  );

/** (1, 2, n, 2n) in patches of n, and (2, 3, 4n, n), in either order. */
const patchings = (n: number) => {
  const side = Math.min(n, 64);
  return (["channelsFirst", "channelsLast"] as const).flatMap((layout) => [
    { layout, batch: 1, channels: 2, height: n, width: 2 * n, patch: n },
    { layout, batch: 2, channels: 3, height: 4 * side, width: side, patch: side },
  ]);
};

const pixels = (bench: Bench, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(256 * bench.next()));

/** Filters of up to three taps over `inputs` places, in fixed point. */
function filters(bench: Bench, inputs: number, outputs: number): { weights: Int32Array; bounds: Int32Array; taps: number } {
  const taps = 3;
  const first = Array.from({ length: outputs }, () => Math.floor(bench.next() * inputs));
  const bounds = first.flatMap((from) => [from, Math.min(taps, inputs - from)]);
  const weights = Array.from({ length: outputs * taps }, () => Math.round((bench.next() * 0.8 - 0.1) * 2 ** 22));
  return { weights: Int32Array.from(weights), bounds: Int32Array.from(bounds), taps };
}

const geometries = [
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 2, stride: 1, padding: 0 },
  { kernel: 3, stride: 1, padding: 2 },
];

export const images = {
  im2col: (bench, n) =>
    geometries
      .filter(({ kernel, padding }) => n + 2 * padding >= kernel)
      .map(({ kernel, stride, padding }) => {
        const x = bench.numbers(2 * n * 6);
        const expected = convolution.im2col(x.values, 2, n, 6, kernel, stride, padding);
        const columns = bench.output(expected.length);
        bench.kernels.im2col({ x, columns, planes: 2, height: n, width: 6, kernel, stride, padding });
        bench.expect(columns, expected, 0);
        return columns;
      }),
  packPatches: (bench, n) =>
    [
      { kernel: 3, stride: 2, padding: 1, ones: true },
      { kernel: 2, stride: 1, padding: 0, ones: false },
      { kernel: 3, stride: 1, padding: 1, ones: true },
      { kernel: 1, stride: 1, padding: 0, ones: true },
    ]
      .filter(({ kernel, padding }) => n + 2 * padding >= kernel)
      .map(({ kernel, stride, padding, ones }) => {
        const x = bench.numbers(2 * 3 * 13 * n);
        const expected = convolution.packPatches(x.values, 2, 3, 13, n, kernel, stride, padding, ones);
        const panels = bench.output(expected.length);
        bench.kernels.packPatches({ x, panels, batch: 2, channels: 3, height: 13, width: n, kernel, stride, padding, ones });
        bench.expect(panels, expected, 0);
        return panels;
      }),
  winogradKernels(bench, n) {
    const weight = bench.numbers(9 * n);
    const y = bench.output(16 * n);
    bench.kernels.winogradKernels({ weight, y, rows: n });
    bench.expect(y, winograd.winogradKernels(weight.values, n));
    return [y];
  },
  winogradPatches: (bench, n) =>
    [
      { batch: 1, height: 5, padding: 1, apart: 0 },
      { batch: 3, height: 4, padding: 1, apart: 8 },
      { batch: 2, height: 7, padding: 0, apart: 0 },
    ]
      .filter(({ padding }) => n + 2 * padding >= 3)
      .map(({ batch, height, padding, apart }) => {
        const x = bench.numbers(batch * 3 * height * n);
        const matrices = winograd.winogradPatches(x.values, batch, 3, height, n, padding);
        const across = n + 2 * padding - 2;
        const panelsStride = 3 * winogradTiles(batch, height + 2 * padding - 2, across) + apart;
        const expected = new Float64Array(16 * panelsStride);
        for (const [place, matrix] of matrices.entries()) expected.set(matrix, place * panelsStride);
        const panels = bench.output(16 * panelsStride, new Float64Array(16 * panelsStride));
        bench.kernels.winogradPatches({ x, panels, batch, channels: 3, height, width: n, padding, panelsStride });
        bench.expect(panels, expected);
        return panels;
      }),
  winogradOutputs: (bench, n) =>
    [
      { batch: 1, height: 5, width: n, floor: -Infinity, apart: 0 },
      { batch: 3, height: n, width: 9, floor: 0, apart: 8 },
    ].map(({ batch, height, width, floor, apart }) => {
      const productsStride = 3 * winogradTiles(batch, height, width) + apart;
      const products = bench.numbers(16 * productsStride);
      const [mean, variance, weight, bias] = [bench.numbers(3), bench.numbers(3, "positive"), bench.numbers(3), bench.numbers(3)];
      const norm = { mean: mean.values, variance: variance.values, weight: weight.values, bias: bias.values, epsilon: Math.fround(0.1) };
      const y = bench.output(batch * 3 * height * width);
      const sizes = { productsStride, batch, channels: 3, height, width };
      bench.kernels.winogradOutputs({ products, mean, variance, weight, bias, y, ...sizes, epsilon: 0.1, floor });
      bench.expect(y, winograd.winogradOutputs(products.values, productsStride, norm, batch, 3, height, width, floor));
      return y;
    }),
  col2im: (bench, n) =>
    geometries
      .filter(({ kernel, padding }) => n + 2 * padding >= kernel)
      .map(({ kernel, stride, padding }) => {
        const size = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
        const columns = bench.numbers(2 * kernel * kernel * size(n) * size(6));
        const x = bench.output(2 * n * 6);
        bench.kernels.col2im({ columns, x, planes: 2, height: n, width: 6, kernel, stride, padding });
        bench.expect(x, convolution.col2im(columns.values, 2, n, 6, kernel, stride, padding));
        return x;
      }),
  averagePool(bench, n) {
    const kernel = n > 1 ? 2 : 1;
    const x = bench.numbers(3 * n * 7);
    const y = bench.output(3 * Math.floor(n / kernel) * Math.floor(7 / kernel));
    bench.kernels.averagePool({ x, y, planes: 3, height: n, width: 7, kernel });
    bench.expect(y, averagePool(x.values, 3, n, 7, kernel));
    return [y];
  },
  averagePoolBackward(bench, n) {
    const kernel = n > 1 ? 2 : 1;
    const dy = bench.numbers(3 * Math.floor(n / kernel) * Math.floor(7 / kernel));
    const dx = bench.output(3 * n * 7);
    bench.kernels.averagePoolBackward({ dy, dx, planes: 3, height: n, width: 7, kernel });
    bench.expect(dx, averagePoolBackward(dy.values, 3, n, 7, kernel));
    return [dx];
  },
  interpolate: (bench, n) =>
    resamplings(n).map(({ mode, m, inner, scale }) => {
      const x = bench.numbers(2 * n * inner);
      const y = bench.output(2 * m * inner);
      bench.kernels.interpolate({ x, y, outer: 2, axis: n, outputs: m, inner, scale, mode });
      bench.expect(y, interpolate(x.values, n, m, inner, Math.fround(scale), mode), 3e-5); // places are kept in float32, as in PyTorch
      return y;
    }),
  interpolateBackward: (bench, n) =>
    resamplings(n).map(({ mode, m, inner, scale }) => {
      const dy = bench.numbers(2 * m * inner);
      const dx = bench.output(2 * n * inner);
      bench.kernels.interpolateBackward({ dy, dx, outer: 2, axis: n, outputs: m, inner, scale, mode });
      bench.expect(dx, interpolateBackward(dy.values, n, m, inner, Math.fround(scale), mode), 3e-5);
      return dx;
    }),
  patchify: (bench, n) =>
    patchings(n).map(({ batch, channels, height, width, patch, layout }) => {
      const x = bench.numbers(batch * channels * height * width);
      const y = bench.output(x.values.length);
      bench.kernels.patchify({ images: x, patches: y, batch, channels, height, width, patch, layout });
      bench.expect(y, patchify(x.values, channels, height, width, patch, layout), 0);
      return y;
    }),
  unpatchify: (bench, n) =>
    patchings(n).map(({ batch, channels, height, width, patch, layout }) => {
      const x = bench.numbers(batch * channels * height * width);
      const y = bench.output(x.values.length);
      bench.kernels.unpatchify({ patches: x, images: y, batch, channels, height, width, patch, layout });
      bench.expect(y, unpatchify(x.values, channels, height, width, patch, layout), 0);
      return y;
    }),
  resizeAcross(bench, n) {
    const [x, outputs] = [pixels(bench, 4 * n * 3), n + 1];
    const { weights, bounds, taps } = filters(bench, n, outputs);
    const y = bench.bytesOutput(4 * 3 * outputs);
    const tables = { weights: bench.integers(weights), bounds: bench.integers(bounds) };
    bench.kernels.resizeAcross({ x: bench.bytes(x), y, ...tables, rows: 4, columns: n, outputs, taps });
    expect([...bench.read(y)]).toEqual([...resizeAcross(x, 4, n, outputs, weights, bounds, taps)]);
    return [y];
  },
  resizeDown(bench, n) {
    const [length, outputs] = [12, n + 1];
    const x = pixels(bench, n * length);
    const { weights, bounds, taps } = filters(bench, n, outputs);
    const y = bench.bytesOutput(outputs * length);
    const tables = { weights: bench.integers(weights), bounds: bench.integers(bounds) };
    bench.kernels.resizeDown({ x: bench.bytes(x), y, ...tables, length, outputs, taps });
    expect([...bench.read(y)]).toEqual([...resizeDown(x, length, outputs, weights, bounds, taps)]);
    return [y];
  },
  pixelsToPlanes(bench, n) {
    const [x, table] = [pixels(bench, 3 * n), bench.numbers(3 * 256)];
    const y = bench.output(3 * n);
    bench.kernels.pixelsToPlanes({ x: bench.bytes(x), y, table, pixels: n });
    const place = (i: number): number => Math.floor(i / n) * 256 + (x[(i % n) * 3 + Math.floor(i / n)] ?? 0);
    bench.expect(
      y,
      Array.from({ length: 3 * n }, (_, i) => table.values[place(i)] ?? Number.NaN),
      0,
    );
    return [y];
  },
} satisfies Readonly<Record<string, KernelCase>>;
