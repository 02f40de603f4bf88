import { dropPath } from "../ops/elementwise/dropout.ts";
import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkProbability } from "./dropout.ts";
import { Module } from "./module.ts";

/** Stochastic depth: in training, drops a residual branch for a whole sample with probability p and scales the kept ones by 1 / (1 − p). Huang et al. 2016. */
export class DropPath extends Module {
  readonly p: number;
  readonly #rng: Rng;

  /** @throws TensorError when p is not in [0, 1) */
  constructor(p: number, rng: Rng) {
    super();
    this.p = checkProbability("DropPath", p);
    this.#rng = rng;
  }

  /** x (B, …) → (B, …) */
  forward(x: Tensor): Tensor {
    return this.training && this.p > 0 ? dropPath(x, this.p, this.#rng) : x;
  }
}

/** Block i of n drops with probability linear from 0 to `rate`: `linspace(0, rate, n)[i]`. */
export const dropPathRate = (rate: number, block: number, numBlocks: number): number =>
  numBlocks > 1 ? (rate * block) / (numBlocks - 1) : 0;
