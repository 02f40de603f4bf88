import type { Rng } from "../../random.ts";
import { empty } from "../../tensor/tensor.ts";
import { drawUniform } from "./random.ts";

/** Numbers one at a time from an `Rng`, which is asked for many at once. */
export class Draws {
  readonly #rng: Rng;
  #numbers: Float32Array = new Float32Array();
  #used = 0;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** Uniform in [0, 1). */
  next(): number {
    if (this.#used === this.#numbers.length) {
      using drawn = empty([256]);
      drawUniform(drawn, this.#rng);
      this.#numbers = drawn.toTypedArray();
      this.#used = 0;
    }
    return this.#numbers[this.#used++] ?? 0;
  }

  /** A whole number from 0 to before `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** The items in a random order. Fisher & Yates. */
  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let last = order.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [order[last], order[other]] = [order[other] as T, order[last] as T];
    }
    return order;
  }
}
