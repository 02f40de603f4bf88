import type { Rng } from "../../random.ts";
import { empty } from "../../tensor/tensor.ts";
import { plainExp, plainLog } from "./plain-powers.ts";
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

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** From low to high, both above 0, the logarithm being uniform. */
  betweenRatios(low: number, high: number): number {
    return plainExp(this.between(plainLog(low), plainLog(high)));
  }

  /** From the beta distribution of α and α, α > 0. Jöhnk 1964; the larger α, the more draws it takes. */
  beta(alpha: number): number {
    for (;;) {
      const [x, y] = [plainExp(plainLog(this.next()) / alpha), plainExp(plainLog(this.next()) / alpha)];
      if (x + y <= 1 && x + y > 0) return x / (x + y);
    }
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
