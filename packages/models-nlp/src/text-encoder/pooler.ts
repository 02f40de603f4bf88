import { Linear, Module, reshape, slice, type Tensor } from "@x/layers";

/** tanh(W · first token + b): what stands for the whole text. Devlin et al. 2019, §3.1, and the authors' code. */
export class Pooler extends Module {
  readonly dense: Linear;

  constructor(hiddenSize: number) {
    super();
    this.dense = new Linear(hiddenSize, hiddenSize);
  }

  /** tokens (B, N, D) → (B, D) */
  forward(tokens: Tensor): Tensor {
    const first = reshape(slice(tokens, 1, 0, 1), [-1, tokens.shape[2] ?? 0]); // (B, D)
    return this.dense.forward(first, { activation: "tanh" });
  }
}
