import { at } from "@x/core-wasm";
import { noGrad } from "../autograd/grad-mode.ts";
import { addLinear } from "../ops/matmul/add-linear.ts";
import { scaleAndShift } from "../ops/elementwise/arithmetic.ts";
import { linear, rowMajor } from "../ops/matmul/linear.ts";
import { multiplyMatrices } from "../ops/matmul/matrix-product.ts";
import { drawUniform } from "../ops/elementwise/random.ts";
import type { Dropout } from "../nn/dropout.ts";
import { fillZeros } from "../nn/initializers.ts";
import type { LinearAdapter } from "../nn/linear.ts";
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Projection } from "./projections.ts";

export interface LowRankOptions {
  /** r */
  readonly rank: number;
  /** What B·A is multiplied with. */
  readonly scale: number;
  /** On what A sees. */
  readonly dropout: Dropout;
}

/** A change of a projection's weight, of low rank: ΔW = scale · B·A. Hu et al. 2021, §4.1, eq. 3. */
export class LowRank implements LinearAdapter {
  readonly projection: Projection;
  /** A (r, in) */
  readonly a: Parameter;
  /** B (out, r) */
  readonly b: Parameter;
  readonly #scale: number;
  readonly #dropout: Dropout;

  constructor(projection: Projection, { rank, scale, dropout }: LowRankOptions) {
    const [, inFeatures = 0] = projection.linear.weight.shape;
    this.projection = projection;
    this.a = new Parameter([rank, inFeatures]);
    this.b = new Parameter([projection.rows[1] - projection.rows[0], rank]);
    this.#scale = scale;
    this.#dropout = dropout;
  }

  /** What dropout draws from. */
  get rng(): Rng | undefined {
    return this.#dropout.rng;
  }

  /** y + scale · (dropout(x)·Aᵀ)·Bᵀ in the projection's columns of y. */
  adapt(y: Tensor, x: Tensor, training: boolean): Tensor {
    this.#dropout.training = training;
    const low = scaleAndShift(linear(this.#dropout.forward(x), this.a), this.#scale, 0); // (…, r)
    return addLinear(y, low, this.b, this.projection.rows[0]);
  }

  /** W ← W + sign · ΔW. §4.1, "No Additional Inference Latency". */
  addToWeight(sign: 1 | -1): void {
    const { linear: layer, rows } = this.projection;
    const [m, r] = this.b.shape as readonly [number, number];
    const [, n = 0] = this.a.shape;
    noGrad(() => {
      const scaled = scaleAndShift(this.b, sign * this.#scale, 0); // (out, r)
      const y = at(layer.weight, rows[0] * n);
      multiplyMatrices({ m, k: r, n, a: rowMajor(scaled, r), b: rowMajor(this.a, n), y, accumulate: true });
    });
  }

  /** U(−1/√in, 1/√in) for A, as PyTorch's `Linear` and PEFT have it; zeros for B, so that ΔW begins as 0. */
  initialize(rng: Rng): this {
    const bound = 1 / Math.sqrt(this.a.shape[1] ?? 1);
    drawUniform(this.a, rng, -bound, bound);
    fillZeros(this.b);
    return this;
  }

  dispose(): void {
    this.a.dispose();
    this.b.dispose();
  }
}
