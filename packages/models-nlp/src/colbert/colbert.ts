/**
 * ColBERT: "Efficient and Effective Passage Search via Contextualized Late Interaction over BERT", Khattab & Zaharia 2020, and ColBERTv2, Santhanam et al. 2022:
 * a vector for each token, compared one by one. `scorePairs` and `rank` do that.
 */
import { Linear, normalize, type Rng, type Tensor, type TraceOptions } from "@x/layers";
import { blockScope, completed } from "@x/layers/model";
import { bertParts } from "../bert/bert.ts";
import { bertDefaults } from "../bert/config.ts";
import { TextEncoder } from "../text-encoder/text-encoder.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { type ColBERTConfig, colbertDefaults } from "./config.ts";
import { colbertFamily } from "./family.ts";

export class ColBERT extends TextEncoder<ColBERTConfig> {
  static readonly family: typeof colbertFamily = colbertFamily;
  readonly linear: Linear;

  constructor(given: Partial<ColBERTConfig>, rng: Rng) {
    const config = completed("ColBERT", colbertDefaults, given);
    const bert = Object.fromEntries(Object.entries(config).filter(([key]) => key in bertDefaults));
    super({ ...bertParts(bert, rng), name: "HF_ColBERT", config }, "");
    this.linear = new Linear(config.hiddenSize, config.dim, { bias: false });
  }

  /** text (B, N) → a vector of length 1 for each token (B, N, dim). §3.2 */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => normalize(this.linear.forward(this.encode(text, options))));
  }
}
