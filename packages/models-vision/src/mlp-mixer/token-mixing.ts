import { type FeedForward, Module, type Tensor, type TokenMixer, transpose } from "@x/layers";

/** The MLP that every channel shares, over its values in all tokens. Tolstikhin et al. 2021, eq. 1, first line. */
export class TokenMixing extends Module implements TokenMixer<unknown> {
  readonly mlp: FeedForward;

  /** @param mlp over S tokens */
  constructor(mlp: FeedForward) {
    super();
    this.mlp = mlp;
  }

  /** x (B, S, C) → (B, S, C) */
  forward(x: Tensor): Tensor {
    const channels = transpose(x); //                                       (B, C, S)
    return transpose(this.mlp.forward(channels)); //                        (B, S, C)
  }
}
