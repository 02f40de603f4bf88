import { embedding } from "../ops/shape/gather.ts";
import { checkOptions, type RulesOf, wholeFrom } from "../options.ts";
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillNormal } from "./initializers.ts";
import { adapted, type AdaptableLayer, type LayerAdapter } from "./layer-adapter.ts";
import { Module } from "./module.ts";

const rules: RulesOf<NonNullable<ConstructorParameters<typeof Embedding>[2]>> = { paddingId: wholeFrom(0) };

/** A row of weight (numEmbeddings, D) for every id. */
export class Embedding extends Module implements AdaptableLayer {
  readonly weight: Parameter;
  readonly paddingId: number | undefined;
  readonly adapters: Set<LayerAdapter> = new Set();

  /** @param options.paddingId the id whose row is not trained; default none */
  constructor(numEmbeddings: number, hiddenSize: number, options: { readonly paddingId?: number | undefined } = {}) {
    super();
    checkOptions("Embedding", options, rules);
    this.paddingId = options.paddingId;
    this.weight = new Parameter([numEmbeddings, hiddenSize]);
  }

  /** ids (…) → (…, D). @throws TensorError when an id has no row */
  forward(ids: Tensor<"int32">): Tensor {
    return adapted(embedding(ids, this.weight, this.paddingId), ids, this);
  }

  /** N(0, 0.02²); zeros for padding. */
  override initialize(rng: Rng): this {
    fillNormal(this.weight, rng, 0.02);
    const [, columns = 0] = this.weight.shape;
    if (this.paddingId !== undefined) this.weight.data.fill(0, this.paddingId * columns, (this.paddingId + 1) * columns);
    return this;
  }
}
