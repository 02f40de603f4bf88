import { anRng, belowOne, checkOptions, needed, type RulesOf, wholeFrom } from "../options.ts";
import { type Activation, anActivation } from "../ops/elementwise/activate.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import type { Rng } from "../random.ts";

export interface FeedForwardOptions {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly activation: Activation;
  /** Dropout after the second layer. Default 0. */
  readonly dropout?: number | undefined;
  /** What dropout draws from; needed when it isn't 0. */
  readonly rng?: Rng | undefined;
}

const rules: RulesOf<FeedForwardOptions> = {
  hiddenSize: needed(wholeFrom(1)),
  intermediateSize: needed(wholeFrom(1)),
  activation: needed(anActivation),
  dropout: belowOne,
  rng: anRng,
};

/** fc2(activation(fc1(x))): the position-wise feed-forward network. Vaswani et al. 2017, §3.3. */
export class FeedForward extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;
  readonly activation: Activation;

  /** @throws ArgumentError when dropout isn't 0 and there is no rng */
  constructor(options: FeedForwardOptions) {
    super();
    checkOptions("FeedForward", options, rules);
    const { hiddenSize, intermediateSize, activation, dropout = 0, rng } = options;
    this.fc1 = new Linear(hiddenSize, intermediateSize);
    this.fc2 = new Linear(intermediateSize, hiddenSize);
    this.dropout = new Dropout(dropout, rng);
    this.activation = activation;
  }

  /** x (…, D) → (…, D) */
  forward(x: Tensor): Tensor {
    const inner = this.fc1.forward(x, { activation: this.activation }); // (…, intermediateSize)
    return this.dropout.forward(this.fc2.forward(inner));
  }
}
