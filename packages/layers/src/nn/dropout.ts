import { ArgumentError } from "../errors.ts";
import { dropout } from "../ops/elementwise/dropout.ts";
import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { refuseEvaluation } from "./training-mode.ts";

/** In training, zeroes each element with probability p and scales the others by 1 / (1 − p). Srivastava et al. 2014. */
export class Dropout extends Module {
  readonly p: number;
  readonly rng: Rng | undefined;

  /**
   * @param rng what is drawn from: one for all layers of a model, or their masks are the same; not needed where p is 0
   * @throws ArgumentError when p is not in [0, 1), or isn't 0 and there is no rng
   */
  constructor(p: number, rng?: Rng) {
    super();
    checkDraw("Dropout", p, rng);
    this.p = p;
    this.rng = rng;
  }

  /** Whether forward changes x. @throws ArgumentError when `train` trains x through this layer in evaluation mode */
  isActiveOn(x: Tensor): boolean {
    if (this.p > 0) refuseEvaluation(this, x, `a dropout of ${this.p}`);
    return this.training && this.p > 0;
  }

  /** x (…) → (…) */
  forward(x: Tensor): Tensor {
    return this.isActiveOn(x) && this.rng ? dropout(x, this.p, this.rng) : x;
  }
}

/** @throws ArgumentError unless p is a probability below 1, with something to draw from where it isn't 0 */
export function checkDraw(where: string, p: number, rng: Rng | undefined): void {
  if (!(p >= 0 && p < 1)) throw new ArgumentError(where, "a probability is from 0 up to but not including 1", `is ${p}`);
  if (p > 0 && !rng) throw new ArgumentError(where, "an rng is needed, one for all layers of a model", `p is ${p} and none was given`);
}
