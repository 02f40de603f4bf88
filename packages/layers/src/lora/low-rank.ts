import { noGrad } from "../autograd/grad-mode.ts";
import type { Dropout } from "../nn/dropout.ts";
import { fillNormal, fillZeros } from "../nn/initializers.ts";
import type { LayerAdapter } from "../nn/layer-adapter.ts";
import { add, divide, multiply, scaleAndShift, subtract } from "../ops/elementwise/arithmetic.ts";
import { drawUniform } from "../ops/elementwise/random.ts";
import { sqrt, square } from "../ops/elementwise/unary.ts";
import { matmul } from "../ops/matmul/matmul.ts";
import { sum } from "../ops/reduce/reduce.ts";
import { reshape } from "../ops/shape/reshape.ts";
import { concat, slice } from "../ops/shape/slice.ts";
import type { Rng } from "../random.ts";
import { ones, tensor } from "../tensor/create.ts";
import { Parameter } from "../tensor/parameter.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Input, kindOfLayer, type LayerKind } from "./layer-kinds.ts";
import type { Projection } from "./projections.ts";

export interface LowRankOptions {
  /** r */
  readonly rank: number;
  /** What B·A is multiplied with. */
  readonly scale: number;
  /** On what A sees. */
  readonly dropout: Dropout;
  /** Whether features' lengths are learned by themselves. */
  readonly dora: boolean;
}

/**
 * A change of a projection's weight, of low rank: ΔW = scale · B·A. Hu et al. 2021, §4.1, eq. 3. With DoRA W + ΔW gives features their directions only, and m
 * their lengths: m ∘ (W + ΔW) / ‖W + ΔW‖, Liu et al. 2024, eq. 5, where the lengths below the line are constants on the way back (§4.3).
 */
export class LowRank implements LayerAdapter {
  readonly projection: Projection;
  /** A (r, in), behind r the axes of the layer's own weight */
  readonly a: Parameter;
  /** B (out, r) */
  readonly b: Parameter;
  /** m (out), DoRA's. */
  readonly magnitude: Parameter | undefined;
  readonly #kind: LayerKind;
  readonly #scale: number;
  readonly #dropout: Dropout;
  /** What features were multiplied with when they went into the weight. */
  #merged: Float32Array | undefined;

  constructor(projection: Projection, { rank, scale, dropout, dora }: LowRankOptions) {
    const { layer, rows } = projection;
    this.projection = projection;
    this.#kind = kindOfLayer(layer);
    const shapes = this.#kind.shapes(rows[1] - rows[0], rank);
    this.a = new Parameter(shapes.a);
    this.b = new Parameter(shapes.b);
    this.magnitude = dora ? new Parameter(shapes.magnitude) : undefined;
    this.#scale = scale;
    this.#dropout = dropout;
  }

  /** What dropout draws from. */
  get rng(): Rng | undefined {
    return this.#dropout.rng;
  }

  /** What is trained, by PEFT's names behind the layer's. */
  get parameters(): readonly (readonly [name: string, parameter: Parameter])[] {
    const { names } = this.#kind;
    const matrices = [[names.a, this.a] as const, [names.b, this.b] as const];
    return this.magnitude ? [...matrices, [names.magnitude, this.magnitude]] : matrices;
  }

  /** y + scale · (dropout(x)·Aᵀ)·Bᵀ in the projection's features of y; with DoRA, these features' lengths as m has them. */
  adapt(y: Tensor, x: Input, training: boolean): Tensor {
    this.#dropout.training = training;
    const seen = x.dtype === "int32" ? x : this.#dropout.forward(x as Tensor);
    const low = scaleAndShift(this.#kind.low(seen, this.a), this.#scale, 0); // (…, r)
    const [first] = this.projection.rows;
    const factor = this.#factor(); // (out)
    if (!factor) return this.#kind.addHigh(y, low, this.b, first);
    const b = multiply(this.b, reshape(factor, [-1, ...this.b.shape.slice(1).fill(1)]));
    return this.#kind.addHigh(this.#stretched(y, x, seen, factor), low, b, first);
  }

  /** y with the base's part of the projection's features multiplied by the factor. What dropout has left of x is all that is multiplied of it. */
  #stretched(y: Tensor, x: Input, seen: Input, factor: Tensor): Tensor {
    const { layer, rows } = this.projection;
    const features = layer.weight.shape[this.#kind.isTransposed ? 1 : 0] ?? 0;
    const around = this.#kind.isTransposed ? [0, features] : rows;
    const all = concat([ones([around[0] ?? 0]), factor, ones([features - (around[1] ?? 0)])], 0); // (out of the layer)
    const along = this.#kind.alongFeatures(all);
    if (seen !== x) return add(y, multiply(this.#kind.base(seen), subtract(along, 1)));
    const stretched = multiply(y, along);
    return layer.bias ? subtract(stretched, multiply(this.#kind.alongFeatures(layer.bias), subtract(along, 1))) : stretched;
  }

  /** m / ‖W + ΔW‖ (out). */
  #factor(): Tensor | undefined {
    if (!this.magnitude) return undefined;
    return divide(reshape(this.magnitude, [-1]), this.#lengths());
  }

  /** ‖W + ΔW‖ (out). */
  #lengths(): Tensor {
    return noGrad(() => sqrt(sum(square(this.#changed()), this.#kind.isTransposed ? 0 : 1)));
  }

  /** W (out, in), an embedding's (in, out). */
  #base(): Tensor {
    const { layer, rows } = this.projection;
    const [begin, end] = rows;
    return reshape(slice(layer.weight, 0, begin, end), [end - begin, -1]);
  }

  /** ΔW, of that shape. */
  #change(): Tensor {
    const [a, b] = [reshape(this.a, [this.a.shape[0] ?? 0, -1]), reshape(this.b, this.b.shape.slice(0, 2))];
    const product = this.#kind.isTransposed ? matmul(a, b, { transposeA: true, transposeB: true }) : matmul(b, a);
    return scaleAndShift(product, this.#scale, 0);
  }

  #changed(): Tensor {
    return add(this.#base(), this.#change());
  }

  /** A vector of features, as it goes with W. */
  #alongWeight(vector: Tensor): Tensor {
    return this.#kind.isTransposed ? vector : reshape(vector, [-1, 1]);
  }

  /** W ← W + ΔW, with DoRA stretched. §4.1, "No Additional Inference Latency". */
  merge(): void {
    const [merged, factor] = noGrad(() => {
      const [changed, stretch] = [this.#changed(), this.#factor()];
      const stretched = stretch ? multiply(changed, this.#alongWeight(stretch)) : changed;
      return [stretched.toTypedArray(), stretch?.toTypedArray()];
    });
    this.#merged = factor;
    this.#write(merged);
  }

  /** The way back. */
  unmerge(): void {
    const factor = this.#merged;
    this.#write(
      noGrad(() => {
        const base = factor ? divide(this.#base(), this.#alongWeight(tensor(factor))) : this.#base();
        return subtract(base, this.#change()).toTypedArray();
      }),
    );
  }

  #write(values: Float32Array): void {
    const { layer, rows } = this.projection;
    layer.weight.data.set(values, rows[0] * sizeOf(layer.weight.shape.slice(1)));
  }

  /**
   * U(−1/√in, 1/√in) for A, as PyTorch's layers and PEFT have it, and zeros for B; of an embedding zeros for A and N(0, 1) for B. So ΔW begins as 0, and m as
   * the lengths that features have.
   */
  initialize(rng: Rng): this {
    if (this.#kind.beginsWithB) {
      fillZeros(this.a);
      fillNormal(this.b, rng, 1);
    } else {
      const bound = 1 / Math.sqrt(sizeOf(this.a.shape.slice(1)) || 1);
      drawUniform(this.a, rng, -bound, bound);
      fillZeros(this.b);
    }
    const lengths = this.magnitude && noGrad(() => this.#lengths().toTypedArray());
    if (lengths) this.magnitude?.data.set(lengths);
    return this;
  }

  dispose(): void {
    for (const [, parameter] of this.parameters) parameter.dispose();
  }
}
