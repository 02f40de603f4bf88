/** The float64 references of core-wasm, put together the way the ops call the kernels. */
import { activate as activateReference } from "@x/core-wasm/reference/activate";
import { attention as attentionReference } from "@x/core-wasm/reference/attention";
import { add } from "@x/core-wasm/reference/arithmetic";
import { broadcastShape } from "@x/core-wasm/reference/binary";
import { im2col } from "@x/core-wasm/reference/convolution";
import { matmul as matmulReference } from "@x/core-wasm/reference/matmul";
import { generate, type Numbers } from "@x/core-wasm/reference/numbers";
import { permute as permuteReference } from "@x/core-wasm/reference/permute";
import { copyRows } from "@x/core-wasm/reference/slice";
import type { Activation, AttentionOptions, MatmulOptions, Shape } from "../src/index.ts";

export const product = (lengths: readonly number[]): number => lengths.reduce((n, length) => n * length, 1);

export const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);

const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => product(shape.slice(axis + 1)));

export const activate = (x: Numbers, activation: Activation): Float64Array => activateReference(x, activation);

export function permute(x: Numbers, shape: Shape, axes: readonly number[]): Float64Array {
  const strides = stridesOf(shape);
  return permuteReference(
    x,
    axes.map((axis) => shape[axis] ?? 1),
    axes.map((axis) => strides[axis] ?? 0),
  );
}

export function broadcastTo(x: Numbers, from: Shape, to: Shape): Float64Array {
  return add(x, new Float64Array(product(to)), from, to);
}

/** x seen as (outer, length, inner) around an axis. */
export function around(shape: Shape, axis: number): { outer: number; length: number; inner: number } {
  return { outer: product(shape.slice(0, axis)), length: shape[axis] ?? 1, inner: product(shape.slice(axis + 1)) };
}

export function slice(x: Float64Array, shape: Shape, axis: number, begin: number, end: number): Float64Array {
  const { outer, length, inner } = around(shape, axis);
  const columns = (end - begin) * inner;
  return copyRows(x.subarray(begin * inner), new Float64Array(outer * columns), outer, columns, length * inner, columns);
}

export function concat(parts: readonly { readonly x: Numbers; readonly shape: Shape }[], axis: number): Float64Array {
  const runs = parts.map(({ shape }) => product(shape.slice(axis)));
  const outer = product(parts[0]?.shape.slice(0, axis) ?? []);
  const stride = runs.reduce((sum, run) => sum + run, 0);
  const y = new Float64Array(outer * stride);
  let offset = 0;
  for (const [i, { x }] of parts.entries()) {
    const columns = runs[i] ?? 0;
    y.set(copyRows(x, y.subarray(offset), outer, columns, columns, stride), offset);
    offset += columns;
  }
  return y;
}

export function matmul(a: Numbers, b: Numbers, aShape: Shape, bShape: Shape, { transposeA, transposeB }: MatmulOptions): Float64Array {
  const batch = broadcastShape(aShape.slice(0, -2), bShape.slice(0, -2));
  const expanded = (x: Numbers, shape: Shape, transposed = false) => {
    const full = [...batch, ...shape.slice(-2)];
    const rank = full.length;
    const axes = full.map((_, axis) => axis);
    const order = transposed ? [...axes.slice(0, -2), rank - 1, rank - 2] : axes;
    return { values: permute(broadcastTo(x, shape, full), full, order), shape: order.map((axis) => full[axis] ?? 1) };
  };
  const [left, right] = [expanded(a, aShape, transposeA), expanded(b, bShape, transposeB)];
  const [m = 1, k = 1] = left.shape.slice(-2);
  const n = right.shape.at(-1) ?? 1;
  const y = new Float64Array(product(batch) * m * n);
  for (let i = 0; i < product(batch); i++) {
    y.set(matmulReference(left.values.subarray(i * m * k), right.values.subarray(i * k * n), m, k, n), i * m * n);
  }
  return y;
}

export function linear(
  x: Numbers,
  weight: Numbers,
  bias: Numbers | undefined,
  xShape: Shape,
  outFeatures: number,
  activation?: Activation,
): Float64Array {
  const inFeatures = xShape.at(-1) ?? 1;
  const m = product(xShape.slice(0, -1));
  const transposed = permute(weight, [outFeatures, inFeatures], [1, 0]);
  const y = matmulReference(x, transposed, m, inFeatures, outFeatures, bias ? { bias } : {});
  return activation ? activate(y, activation) : y;
}

/** x of `shape` (B, C, H, W), weight (out, C, K, K), bias (out). */
export function conv2d(
  x: Float64Array,
  weight: Numbers,
  bias: Numbers | undefined,
  [batch = 0, channels = 0, height = 0, width = 0]: Shape,
  outChannels: number,
  kernel: number,
  stride: number,
  padding: number,
): Float64Array {
  const taps = channels * kernel ** 2;
  const images = Array.from({ length: batch }, (_, i) => x.subarray(i * channels * height * width, (i + 1) * channels * height * width));
  const outputs = images.map((image) => {
    const columns = im2col(image, channels, height, width, kernel, stride, padding);
    const places = columns.length / taps;
    return [...matmulReference(weight, columns, outChannels, taps, places)].map((y, i) => y + (bias?.[Math.floor(i / places)] ?? 0));
  });
  return Float64Array.from(outputs.flat());
}

/** Rows divided by their L2 lengths. */
export function normalize(x: Numbers, columns: number): Float64Array {
  return generate(x.length, (i) => {
    const first = i - (i % columns);
    return x[i]! / Math.hypot(...Array.from({ length: columns }, (_, j) => x[first + j]!));
  });
}

/** The options of an attention case: tensors are named inputs, windows plain numbers. */
export type AttentionCase = Pick<AttentionOptions, "numHeads" | "scale" | "causal"> & { readonly windows?: readonly (readonly number[])[] };

/** Attention over query (B, Nq, D), key and value (B, Nk, D). */
export function attention(
  parts: { readonly query: Numbers; readonly key: Numbers; readonly value: Numbers; readonly bias?: Numbers; readonly mask?: Numbers },
  queryShape: Shape,
  keyCount: number,
  maskShape: Shape,
  { numHeads, causal = false, windows, scale }: AttentionCase,
): Float64Array {
  const [batch = 0, queries = 0, width = 0] = queryShape;
  const [maskBatches = 1, maskRows = 1] = maskShape;
  const inWindow = windows?.[0]?.length;
  const { query, key, value, ...terms } = parts;
  return attentionReference(query, key, value, {
    batch: batch * (windows?.length ?? 1),
    heads: numHeads,
    headSize: width / numHeads,
    queryCount: inWindow ?? queries,
    keyCount: inWindow ?? keyCount,
    scale: scale ?? (width / numHeads) ** -0.5,
    lookahead: causal ? keyCount - queries : (inWindow ?? keyCount),
    maskBatches,
    maskRows,
    ...terms,
    ...(windows ? { table: windows.flat(), windows: windows.length } : {}),
  }).y;
}

/** The first `keyCount` tokens of the two parts of keyValue (B, Nk, 2D). */
export function unpackedKeyValue(
  keyValue: Numbers,
  [, room = 0, double = 0]: Shape,
  keyCount: number,
): { key: Float64Array; value: Float64Array } {
  const [width, batch] = [double / 2, room === 0 ? 0 : keyValue.length / (room * double)];
  const part = (which: number): Float64Array =>
    generate(batch * keyCount * width, (i) => {
      const token = Math.floor(i / width);
      return keyValue[(Math.floor(token / keyCount) * room + (token % keyCount)) * double + which * width + (i % width)] ?? 0;
    });
  return { key: part(0), value: part(1) };
}

/** The three parts of qkv (B, N, 3D). */
export function unpacked(qkv: Numbers, width: number): { query: Float64Array; key: Float64Array; value: Float64Array } {
  const part = (which: number): Float64Array =>
    generate(qkv.length / 3, (i) => qkv[Math.floor(i / width) * 3 * width + which * width + (i % width)] ?? 0);
  return { query: part(0), key: part(1), value: part(2) };
}
