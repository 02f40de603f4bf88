/** Kernels over images: convolution's columns, pooling, resampling, patches, windows, 8-bit resizing. */
import { expect } from "vitest";
import * as conv from "../reference/conv.ts";
import * as interpolate from "../reference/interpolate.ts";
import * as patch from "../reference/patch.ts";
import { resizeAcross, resizeDown } from "../reference/resize.ts";
import { windowPartition, windowReverse } from "../reference/window.ts";
import * as winograd from "../reference/winograd.ts";
import { winogradScratch, winogradTiles } from "../src/index.ts";
import type { Bench, KernelCase } from "./bench.ts";

/** (2, n, inner) → (2, m, inner), longer and shorter. */
const resampled =
  (kernel: "interpolateLinear" | "interpolateCubic" | "interpolateCubicAntialias", backward: boolean): KernelCase =>
  (bench, n) =>
    [
      [7, 3],
      [2 * n + 1, 1],
      [Math.ceil(n / 3), 5],
    ].map(([m = 1, inner = 1]) => {
      const [from, to] = backward ? [m, n] : [n, m];
      const x = bench.numbers(2 * from * inner);
      const y = bench.output(2 * to * inner);
      const name = backward ? (`${kernel}Backward` as const) : kernel;
      bench.launch(name, 2 * to, x.pointer, y.pointer, n, m, inner, n / m);
      bench.expect(y, interpolate[name](x.values, n, m, inner, Math.fround(n / m)), 3e-5); // places are kept in float32, as in PyTorch
      return y;
    });

/** (1, 2, n, 2n) in patches of n, and (2, 3, 4n, n). */
const patches =
  (kernel: "patchify" | "unpatchify" | "patchifyChannelsLast" | "unpatchifyChannelsLast"): KernelCase =>
  (bench, n) => {
    const side = Math.min(n, 64);
    return [
      [1, 2, n, 2 * n, n],
      [2, 3, 4 * side, side, side],
    ].map(([batch = 1, channels = 1, height = 1, width = 1, size = 1]) => {
      const x = bench.numbers(batch * channels * height * width);
      const y = bench.output(x.values.length);
      bench.launch(kernel, batch * (height / size) * (width / size), x.pointer, y.pointer, channels, height, width, size);
      bench.expect(y, patch[kernel](x.values, channels, height, width, size), 0);
      return y;
    });
  };

const windows =
  (kernel: "windowPartition" | "windowReverse"): KernelCase =>
  (bench, n) =>
    [0, Math.floor(n / 2)].map((shift) => {
      const x = bench.numbers(2 * n * 2 * n);
      const y = bench.output(x.values.length);
      bench.launch(kernel, 2 * n, x.pointer, y.pointer, n, 2 * n, 2, n, shift);
      bench.expect(y, (kernel === "windowPartition" ? windowPartition : windowReverse)(x.values, n, 2 * n, 2, n, shift), 0);
      return y;
    });

const pixels = (bench: Bench, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(256 * bench.next()));

/** Filters of up to three taps over `inputs` places, in fixed point. */
function filters(bench: Bench, inputs: number, outputs: number): { weights: Int32Array; bounds: Int32Array; taps: number } {
  const taps = 3;
  const first = Array.from({ length: outputs }, () => Math.floor(bench.next() * inputs));
  const bounds = first.flatMap((from) => [from, Math.min(taps, inputs - from)]);
  const weights = Array.from({ length: outputs * taps }, () => Math.round((bench.next() * 0.8 - 0.1) * 2 ** 22));
  return { weights: Int32Array.from(weights), bounds: Int32Array.from(bounds), taps };
}

export const images = {
  im2col: (bench, n) =>
    [
      [3, 2, 1],
      [2, 1, 0],
      [3, 1, 2],
    ]
      .filter(([kernel = 1, , padding = 0]) => n + 2 * padding >= kernel)
      .map(([kernel = 1, stride = 1, padding = 0]) => {
        const x = bench.numbers(2 * n * 6);
        const expected = conv.im2col(x.values, 2, n, 6, kernel, stride, padding);
        const y = bench.output(expected.length);
        bench.launch("im2col", 2 * kernel * kernel, x.pointer, y.pointer, n, 6, kernel, stride, padding);
        bench.expect(y, expected, 0);
        return y;
      }),
  packPatches: (bench, n) =>
    [
      [3, 2, 1, 1],
      [2, 1, 0, 0],
      [3, 1, 1, 1],
      [1, 1, 0, 1],
    ]
      .filter(([kernel = 1, , padding = 0]) => n + 2 * padding >= kernel)
      .map(([kernel = 1, stride = 1, padding = 0, ones = 0]) => {
        const x = bench.numbers(2 * 3 * 13 * n);
        const expected = conv.packPatches(x.values, 2, 3, 13, n, kernel, stride, padding, ones);
        const y = bench.output(expected.length);
        const panels = expected.length / (8 * (3 * kernel ** 2 + ones));
        bench.launch("packPatches", panels, x.pointer, y.pointer, 3, 13, n, kernel, stride, padding, ones);
        bench.expect(y, expected, 0);
        return y;
      }),
  winogradKernels(bench, n) {
    const weight = bench.numbers(9 * n);
    const y = bench.output(16 * n);
    bench.launch("winogradKernels", n, weight.pointer, y.pointer, n);
    bench.expect(y, winograd.winogradKernels(weight.values, n));
    return [y];
  },
  winogradPatches: (bench, n) =>
    [
      [1, 5, 1, 0],
      [3, 4, 1, 8],
      [2, 7, 0, 0],
    ]
      .filter(([, , padding = 0]) => n + 2 * padding >= 3)
      .map(([batch = 1, height = 1, padding = 0, apart = 0]) => {
        const x = bench.numbers(batch * 3 * height * n);
        const matrices = winograd.winogradPatches(x.values, batch, 3, height, n, padding);
        const across = n + 2 * padding - 2;
        const stride = 3 * winogradTiles(batch, height + 2 * padding - 2, across) + apart;
        const expected = new Float64Array(16 * stride);
        for (const [place, matrix] of matrices.entries()) expected.set(matrix, place * stride);
        const y = bench.output(16 * stride, new Float64Array(16 * stride));
        const values = [x.pointer, y.pointer, batch, 3, height, n, padding, stride] as const;
        bench.launchWithScratch("winogradPatches", 3 * batch, winogradScratch(across), ...values);
        bench.expect(y, expected);
        return y;
      }),
  winogradOutputs: (bench, n) =>
    [
      [1, 5, n, -Infinity, 0],
      [3, n, 9, 0, 8],
    ].map(([batch = 1, height = 1, width = 1, floor = 0, apart = 0]) => {
      const stride = 3 * winogradTiles(batch, height, width) + apart;
      const products = bench.numbers(16 * stride);
      const [mean, variance, weight, bias] = [bench.numbers(3), bench.numbers(3, "positive"), bench.numbers(3), bench.numbers(3)];
      const norm = { mean: mean.values, variance: variance.values, weight: weight.values, bias: bias.values, epsilon: Math.fround(0.1) };
      const y = bench.output(batch * 3 * height * width);
      // prettier-ignore
      bench.launch("winogradOutputs", 3 * batch, products.pointer, stride, mean.pointer, variance.pointer, weight.pointer, bias.pointer, y.pointer,
        batch, 3, height, width, 0.1, floor);
      bench.expect(y, winograd.winogradOutputs(products.values, stride, norm, batch, 3, height, width, floor));
      return y;
    }),
  col2im: (bench, n) =>
    [
      [3, 2, 1],
      [2, 1, 0],
      [3, 1, 2],
    ]
      .filter(([kernel = 1, , padding = 0]) => n + 2 * padding >= kernel)
      .map(([kernel = 1, stride = 1, padding = 0]) => {
        const size = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
        const columns = bench.numbers(2 * kernel * kernel * size(n) * size(6));
        const x = bench.output(2 * n * 6);
        bench.launch("col2im", 2, columns.pointer, x.pointer, n, 6, kernel, stride, padding);
        bench.expect(x, conv.col2im(columns.values, 2, n, 6, kernel, stride, padding));
        return x;
      }),
  averagePool(bench, n) {
    const kernel = n > 1 ? 2 : 1;
    const x = bench.numbers(3 * n * 7);
    const y = bench.output(3 * Math.floor(n / kernel) * Math.floor(7 / kernel));
    bench.launch("averagePool", 3 * Math.floor(n / kernel), x.pointer, y.pointer, n, 7, kernel);
    bench.expect(y, conv.averagePool(x.values, 3, n, 7, kernel));
    return [y];
  },
  averagePoolBackward(bench, n) {
    const kernel = n > 1 ? 2 : 1;
    const dy = bench.numbers(3 * Math.floor(n / kernel) * Math.floor(7 / kernel));
    const dx = bench.output(3 * n * 7);
    bench.launch("averagePoolBackward", 3 * n, dy.pointer, dx.pointer, n, 7, kernel);
    bench.expect(dx, conv.averagePoolBackward(dy.values, 3, n, 7, kernel));
    return [dx];
  },
  interpolateLinear: resampled("interpolateLinear", false),
  interpolateLinearBackward: resampled("interpolateLinear", true),
  interpolateCubic: resampled("interpolateCubic", false),
  interpolateCubicBackward: resampled("interpolateCubic", true),
  interpolateCubicAntialias: resampled("interpolateCubicAntialias", false),
  interpolateCubicAntialiasBackward: resampled("interpolateCubicAntialias", true),
  patchify: patches("patchify"),
  unpatchify: patches("unpatchify"),
  patchifyChannelsLast: patches("patchifyChannelsLast"),
  unpatchifyChannelsLast: patches("unpatchifyChannelsLast"),
  windowPartition: windows("windowPartition"),
  windowReverse: windows("windowReverse"),
  resizeAcross(bench, n) {
    const [x, outputs] = [pixels(bench, 4 * n * 3), n + 1];
    const { weights, bounds, taps } = filters(bench, n, outputs);
    const y = bench.output(3 * outputs); // 4 rows of 3 bytes a pixel
    bench.launch("resizeAcross", 4, bench.bytes(x), y.pointer, n, outputs, bench.bytes(weights), bench.bytes(bounds), taps);
    expect([...bench.readBytes(y, 12 * outputs)]).toEqual([...resizeAcross(x, 4, n, outputs, weights, bounds, taps)]);
    return [];
  },
  resizeDown(bench, n) {
    const [length, outputs] = [12, n + 1];
    const x = pixels(bench, n * length);
    const { weights, bounds, taps } = filters(bench, n, outputs);
    const y = bench.output((outputs * length) / 4);
    bench.launch("resizeDown", outputs, bench.bytes(x), y.pointer, length, bench.bytes(weights), bench.bytes(bounds), taps);
    expect([...bench.readBytes(y, outputs * length)]).toEqual([...resizeDown(x, length, outputs, weights, bounds, taps)]);
    return [];
  },
  pixelsToPlanes(bench, n) {
    const [x, table] = [pixels(bench, 3 * n), bench.numbers(3 * 256)];
    const y = bench.output(3 * n);
    bench.launch("pixelsToPlanes", n, bench.bytes(x), y.pointer, table.pointer, n);
    const place = (i: number): number => Math.floor(i / n) * 256 + (x[(i % n) * 3 + Math.floor(i / n)] ?? 0);
    bench.expect(
      y,
      Array.from({ length: 3 * n }, (_, i) => table.values[place(i)] ?? Number.NaN),
      0,
    );
    return [y];
  },
} satisfies Readonly<Record<string, KernelCase>>;
