import { TensorError } from "./errors.ts";

/**
 * A source of reproducible randomness: a seed and a count of the streams drawn so far. Each draw of numbers is one stream of the counter-based
 * Philox generator (Salmon et al. 2011), so the numbers depend on the seed and the order of draws only, never on threads or the runtime.
 */
export class Rng {
  readonly seed: number;
  #stream: number;

  /**
   * @param seed a whole number from 0 to 2³² − 1
   * @param stream how many draws lie behind it: `rng.state` of a run that is continued
   */
  constructor(seed: number, stream = 0) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new TensorError(`Rng: a seed is a whole number from 0 to 4294967295, but is ${seed}`);
    }
    this.seed = seed;
    this.#stream = stream;
  }

  /** Draws so far. `new Rng(seed, state)` continues from here, and so does one whose state is set to it. */
  get state(): number {
    return this.#stream;
  }

  /** @throws TensorError when it isn't a count */
  set state(stream: number) {
    if (!Number.isSafeInteger(stream) || stream < 0) throw new TensorError(`Rng: a state is a count of draws, but is ${stream}`);
    this.#stream = stream;
  }

  /** @internal The next draw's stream number. */
  nextStream(): number {
    return this.#stream++;
  }
}
