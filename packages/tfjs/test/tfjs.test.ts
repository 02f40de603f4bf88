/** Every kernel against TensorFlow.js's CPU backend, which has them all. */
// oxlint-disable import/no-unassigned-import -- backends and gradients register themselves
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import { fourierMix as ours, init, liveBytes, noGrad, tensor } from "@x/layers";
import { expectClose } from "@x/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { fourierMix, fromTfjs, type Registration, registerKernels, toTfjs } from "../src/index.ts";

let registration: Registration;
beforeAll(async () => {
  await init();
  await tf.setBackend("wasm");
  registration = registerKernels();
});
afterAll(() => registration.dispose());

let before: readonly [tensors: number, bytes: number];
beforeEach(() => {
  before = [tf.memory().numTensors, liveBytes()];
});
afterEach(() => {
  expect([tf.memory().numTensors, liveBytes()]).toEqual(before);
});

const numbers = (shape: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, i) => Math.sin(seed + i * 1.7) + ((i * seed) % 3));

/** What `compute` gives on both backends. */
async function onBoth(compute: () => tf.Tensor): Promise<[wasm: number[], cpu: number[]]> {
  const results: number[][] = [];
  for (const backend of ["wasm", "cpu"]) {
    await tf.setBackend(backend);
    const result = tf.tidy(compute);
    results.push(Array.from(result.dataSync<"float32">()));
    result.dispose();
  }
  await tf.setBackend("wasm");
  return results as [number[], number[]];
}

test("the WebAssembly backend lacked just these", () => {
  expect(registration.kernels).toEqual(["Complex", "Real", "Imag", "FFT", "IFFT", "UnsortedSegmentSum", "Conv2DBackpropFilter"]);
});

test.each([1, 2, 8, 11, 12])("fft, ifft of length %i", async (length) => {
  for (const transform of [tf.spectral.fft, tf.spectral.ifft]) {
    for (const part of [tf.real, tf.imag]) {
      const [wasm, cpu] = await onBoth(() => {
        const shape: [number, number] = [3, length];
        const x = tf.complex(tf.tensor(numbers(shape, 1), shape), tf.tensor(numbers(shape, 2), shape));
        return part(transform(x as tf.Tensor2D));
      });
      expectClose(wasm, cpu);
    }
  }
});

test("rfft and irfft, there and back", async () => {
  const [wasm, cpu] = await onBoth(() => tf.spectral.irfft(tf.spectral.rfft(tf.tensor(numbers([2, 10], 3), [2, 10]))));
  expectClose(wasm, cpu);
  expectClose(wasm, Array.from(numbers([2, 10], 3)));
});

test("a complex tensor gives its numbers in pairs", () => {
  const z = tf.complex([1, 2], [3, 4]);
  expect(Array.from(z.dataSync<"float32">())).toEqual([1, 3, 2, 4]);
  z.dispose();
});

test("the gradient of an embedding", async () => {
  const gradient = tf.grad((table) => tf.square(tf.gather(table, tf.tensor1d([2, 0, 2, 3], "int32"))));
  const [wasm, cpu] = await onBoth(() => gradient(tf.tensor(numbers([5, 3], 4), [5, 3])));
  expectClose(wasm, cpu);
});

test("segments that don't exist are dropped", async () => {
  const [wasm, cpu] = await onBoth(() =>
    tf.unsortedSegmentSum(tf.tensor(numbers([4, 2, 3], 5), [4, 2, 3]), tf.tensor1d([1, -1, 7, 1], "int32"), 3),
  );
  expectClose(wasm, cpu);
});

test.each([
  ["patches", [2, 8, 8, 3], [4, 4, 3, 5], 4, "valid"],
  ["an ordinary one", [1, 7, 6, 2], [3, 3, 2, 4], 1, "same"],
  ["strides, uneven padding", [2, 9, 10, 2], [3, 2, 2, 3], 2, "same"],
] as const)("the gradient of a convolution's filter: %s", async (_, shape, filterShape, strides, pad) => {
  const gradient = tf.grad((filter) =>
    tf.square(tf.conv2d(tf.tensor(numbers(shape, 6), [...shape]) as tf.Tensor4D, filter as tf.Tensor4D, strides, pad)),
  );
  const [wasm, cpu] = await onBoth(() => gradient(tf.tensor(numbers(filterShape, 7), [...filterShape])));
  expectClose(wasm, cpu);
});

test("fourierMix is ours, and has a gradient", async () => {
  const [shape, data] = [[2, 5, 6], numbers([2, 5, 6], 8)] as const;
  const expected = noGrad(() => Array.from(ours(tensor(data, shape)).toTypedArray()));
  const mixed = tf.tidy(() => fourierMix(tf.tensor(data, [...shape])));
  expectClose(Array.from(mixed.dataSync<"float32">()), expected);
  // The map is its own transpose: the gradient of Σ y²/2 is the map applied twice.
  const gradient = tf.tidy(() => tf.grad((x) => tf.sum(tf.mul(tf.square(fourierMix(x)), 0.5)))(tf.tensor(data, [...shape])));
  const twice = tf.tidy(() => fourierMix(fourierMix(tf.tensor(data, [...shape]))));
  expectClose(Array.from(gradient.dataSync<"float32">()), Array.from(twice.dataSync<"float32">()));
  tf.dispose([mixed, gradient, twice]);
});

test("tensors go there and back", async () => {
  const [floats, ids] = [tf.tensor2d([[1.5, -2], [3, 4]]), tf.tensor1d([7, -8], "int32")]; // prettier-ignore
  using ourFloats = await fromTfjs(floats);
  using ourIds = await fromTfjs(ids);
  expect([ourFloats.shape, ourFloats.dtype, ourFloats.toArray()]).toEqual([[2, 2], "float32", [[1.5, -2], [3, 4]]]); // prettier-ignore
  expect([ourIds.shape, ourIds.dtype, ourIds.toArray()]).toEqual([[2], "int32", [7, -8]]);
  const [back, idsBack] = [toTfjs(ourFloats), toTfjs(ourIds)];
  expect([back.shape, back.dtype, back.arraySync()]).toEqual([[2, 2], "float32", [[1.5, -2], [3, 4]]]); // prettier-ignore
  expect([idsBack.dtype, idsBack.arraySync()]).toEqual(["int32", [7, -8]]);
  const truth = tf.tensor1d([true, false], "bool");
  using ourTruth = await fromTfjs(truth);
  expect(ourTruth.toArray()).toEqual([1, 0]);
  const words = tf.tensor1d(["a"]);
  await expect(fromTfjs(words)).rejects.toThrow("the tensor holds string");
  tf.dispose([floats, ids, back, idsBack, truth, words]);
});

test("once disposed of, the kernels are gone, and only ours", () => {
  registration.dispose();
  expect(tf.getKernel("FFT", "wasm")).toBeUndefined();
  expect(tf.getKernel("FFT", "cpu")).toBeDefined();
  expect(tf.getKernel("Add", "wasm")).toBeDefined();
  registration = registerKernels("cpu");
  expect(registration.kernels).toEqual([]);
});
