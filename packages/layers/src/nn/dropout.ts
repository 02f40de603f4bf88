import { TensorError } from "../errors.ts";
import { dropout } from "../ops/elementwise/dropout.ts";
import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** In training, zeroes each element with probability p and scales the others by 1 / (1 − p). Srivastava et al. 2014. */
export class Dropout extends Module {
  readonly p: number;
  readonly #rng: Rng;

  /** @throws TensorError when p is not in [0, 1) */
  constructor(p: number, rng: Rng) {
    super();
    this.p = checkProbability("Dropout", p);
    this.#rng = rng;
  }

  /** Whether forward changes anything now. */
  get active(): boolean {
    return this.training && this.p > 0;
  }

  forward(x: Tensor): Tensor {
    return this.active ? dropout(x, this.p, this.#rng) : x;
  }
}

export function checkProbability(op: string, p: number): number {
  if (!(p >= 0 && p < 1)) throw new TensorError(`${op}: a probability is from 0 up to but not including 1, but is ${p}`);
  return p;
}
