/** A model for what doesn't depend on the model. */
import { Linear, Module, Rng, type Tensor } from "../src/index.ts";
import { joined, type WeightLayout } from "../src/model.ts";

const layout: WeightLayout = {
  name: "Little",
  basePrefix: "little.",
  table: {
    "qkv.*": joined("little.attn.query.*", "little.attn.key.*", "little.attn.value.*"),
    "out.*": "little.out.dense.*",
    "head.*": "classifier.*",
  },
};

/** Three joined projections of 6 → 4, and two layers on them. */
export class Little extends Module {
  readonly layouts = [layout];
  readonly qkv = new Linear(6, 12);
  readonly out = new Linear(12, 5);
  readonly head = new Linear(5, 2);

  forward(x: Tensor): Tensor {
    return this.head.forward(this.out.forward(this.qkv.forward(x), { activation: "gelu" }));
  }
}

export const makeLittle = (): Little => new Little().initialize(new Rng(1));
