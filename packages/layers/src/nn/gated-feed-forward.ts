import { activate } from "../ops/elementwise/activate.ts";
import { multiply } from "../ops/elementwise/arithmetic.ts";
import { slice } from "../ops/shape/slice.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dropout } from "./dropout.ts";
import type { FeedForwardOptions } from "./feed-forward.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

/**
 * fc2(activation(gate) · value), where one matrix, `fc1`, makes gate and value side by side: SwiGLU with `silu`, GeGLU with `gelu`. Shazeer 2020, "GLU
 * Variants Improve Transformer", eq. 6.
 */
export class GatedFeedForward extends Module {
  /** D → 2 · intermediateSize, the gate's rows first. */
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;
  readonly activation: FeedForwardOptions["activation"];

  /** @throws ArgumentError when dropout isn't 0 and there is no rng */
  constructor({ hiddenSize, intermediateSize, activation, dropout = 0, rng }: FeedForwardOptions) {
    super();
    this.fc1 = new Linear(hiddenSize, 2 * intermediateSize);
    this.fc2 = new Linear(intermediateSize, hiddenSize);
    this.dropout = new Dropout(dropout, rng);
    this.activation = activation;
  }

  /** x (…, D) → (…, D) */
  forward(x: Tensor): Tensor {
    const both = this.fc1.forward(x); //                                        (…, 2I)
    const [last, width] = [both.shape.length - 1, (both.shape.at(-1) ?? 0) / 2];
    const gate = activate(slice(both, last, 0, width), this.activation); //     (…, I)
    return this.dropout.forward(this.fc2.forward(multiply(gate, slice(both, last, width))));
  }
}
