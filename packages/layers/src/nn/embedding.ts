import { embedding } from "../ops/embedding.ts";
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillNormal } from "./initializers.ts";
import { Module } from "./module.ts";

/** A row of weight (numEmbeddings, D) for every id. */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(numEmbeddings: number, hiddenSize: number) {
    super();
    this.weight = new Parameter([numEmbeddings, hiddenSize]);
  }

  /** ids (…) → (…, D). @throws TensorError when an id has no row */
  forward(ids: Tensor<"int32">): Tensor {
    return embedding(ids, this.weight);
  }

  /** N(0, 0.02²). */
  override initialize(rng: Rng): this {
    fillNormal(this.weight, rng, 0.02);
    return this;
  }
}
