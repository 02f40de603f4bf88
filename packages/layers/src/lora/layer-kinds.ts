/** What LoRA's two matrices are beside each kind of layer, as PEFT has it: a layer like it with few features out, and one that brings these to as many as it has. */
import { TensorError } from "../errors.ts";
import { Conv2d } from "../nn/conv2d.ts";
import { Embedding } from "../nn/embedding.ts";
import type { AdaptableLayer } from "../nn/layer-adapter.ts";
import { Linear } from "../nn/linear.ts";
import { PatchEmbedding } from "../nn/patch-embedding.ts";
import { conv2d } from "../ops/conv/conv2d.ts";
import { add } from "../ops/elementwise/arithmetic.ts";
import { addLinear } from "../ops/matmul/add-linear.ts";
import { linear } from "../ops/matmul/linear.ts";
import { embedding } from "../ops/shape/gather.ts";
import { transpose } from "../ops/shape/permute.ts";
import { reshape } from "../ops/shape/reshape.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What goes into a layer's product: numbers, or ids. */
export type Input = Tensor | Tensor<"int32">;

export interface LayerKind {
  /** PEFT's names, behind the layer's. */
  readonly names: { readonly a: string; readonly b: string; readonly magnitude: string };
  /** Of A, B and the features' lengths, for as many features. */
  shapes(features: number, rank: number): { readonly a: Shape; readonly b: Shape; readonly magnitude: Shape };
  /** Features that A makes of x: (…, r), of images (B, r, H', W'). */
  low(x: Input, a: Tensor): Tensor;
  /** What the layer itself makes of x, without a bias. */
  base(x: Input): Tensor;
  /** y + low · Bᵀ in y's features from the first on. It may take y's memory. */
  addHigh(y: Tensor, low: Tensor, b: Tensor, first: number): Tensor;
  /** A vector of features, as it goes with y. */
  alongFeatures(vector: Tensor): Tensor;
  /** Whether the weight's features are its columns. */
  readonly isTransposed: boolean;
  /** Whether it is A that begins as zeros, and B that is drawn, from N(0, 1). */
  readonly beginsWithB: boolean;
}

const names = { a: "lora_A.weight", b: "lora_B.weight", magnitude: "lora_magnitude_vector" };
const itself = (vector: Tensor): Tensor => vector;
const plain = { names, alongFeatures: itself, isTransposed: false, beginsWithB: false };

/** @throws TensorError when nothing is known of such a layer */
export function kindOfLayer(layer: AdaptableLayer): LayerKind {
  if (layer instanceof Linear) return linearKind(layer);
  if (layer instanceof PatchEmbedding) return patchKind(layer);
  if (layer instanceof Conv2d) return convolutionKind(layer);
  if (layer instanceof Embedding) return embeddingKind(layer);
  throw new TensorError(`LoRA: ${layer.constructor.name} isn't a linear layer, a convolution or an embedding`);
}

const linearKind = ({ weight }: Linear): LayerKind => ({
  ...plain,
  shapes: (features, rank) => ({ a: [rank, weight.shape[1] ?? 0], b: [features, rank], magnitude: [features] }),
  low: (x, a) => linear(x as Tensor, a),
  base: (x) => linear(x as Tensor, weight),
  addHigh: addLinear,
});

/** A convolution's shapes, and a linear layer's work: of each patch is made one row. */
const patchKind = ({ weight }: PatchEmbedding): LayerKind => ({
  ...plain,
  shapes: convolutionShapes(weight.shape),
  low: (x, a) => linear(x as Tensor, a),
  base: (x) => linear(x as Tensor, weight),
  addHigh: (y, low, b, first) => addLinear(y, low, reshape(b, b.shape.slice(0, 2)), first),
});

const convolutionKind = ({ weight, stride, padding }: Conv2d): LayerKind => ({
  ...plain,
  shapes: convolutionShapes(weight.shape),
  low: (x, a) => conv2d(x as Tensor, a, undefined, { stride, padding }),
  base: (x) => conv2d(x as Tensor, weight, undefined, { stride, padding }),
  addHigh: (y, low, b) => add(y, conv2d(low, b)),
  alongFeatures: (vector) => reshape(vector, [-1, 1, 1]),
});

const convolutionShapes =
  ([, ...kernel]: Shape): LayerKind["shapes"] =>
  (features, rank) => ({ a: [rank, ...kernel], b: [features, rank, 1, 1], magnitude: [1, features, 1, 1] });

/** Its weight (V, D) is the transpose of a linear layer's. */
const embeddingKind = ({ weight, paddingId }: Embedding): LayerKind => ({
  names: { a: "lora_embedding_A", b: "lora_embedding_B", magnitude: "lora_magnitude_vector" },
  shapes(_, rank) {
    const [rows = 0, features = 0] = weight.shape;
    return { a: [rank, rows], b: [features, rank], magnitude: [features] };
  },
  low: (ids, a) => embedding(ids as Tensor<"int32">, transpose(a), paddingId),
  base: (ids) => embedding(ids as Tensor<"int32">, weight, paddingId),
  addHigh: (y, low, b) => addLinear(y, low, b),
  alongFeatures: itself,
  isTransposed: true,
  beginsWithB: true,
});
