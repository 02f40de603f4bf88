import { dropPath } from "../ops/elementwise/drop-path.ts";
import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDraw } from "./dropout.ts";
import { Module } from "./module.ts";
import { refuseEvaluation } from "./training-mode.ts";

/** Stochastic depth: in training, drops a residual branch for a whole sample with probability p and scales the kept ones by 1 / (1 − p). Huang et al. 2016. */
export class DropPath extends Module {
  readonly p: number;
  readonly rng: Rng | undefined;

  /**
   * @param rng what is drawn from: one for all layers of a model; not needed where p is 0
   * @throws ArgumentError when p is not in [0, 1), or isn't 0 and there is no rng
   */
  constructor(p: number, rng?: Rng) {
    super();
    checkDraw("DropPath", p, rng);
    this.p = p;
    this.rng = rng;
  }

  /** x (B, …) → (B, …). @throws ArgumentError when `train` trains x through this layer in evaluation mode */
  forward(x: Tensor): Tensor {
    if (this.p > 0) refuseEvaluation(this, x, `a DropPath of ${this.p}`);
    return this.training && this.p > 0 && this.rng ? dropPath(x, this.p, this.rng) : x;
  }
}

/** Block i of n drops with probability linear from 0 to `rate`: `linspace(0, rate, n)[i]`. */
export const dropPathRate = (rate: number, block: number, numBlocks: number): number =>
  numBlocks > 1 ? (rate * block) / (numBlocks - 1) : 0;
