import { fillNormal, Linear, matmul, Module, Parameter, type Rng, ShapeError, type Tensor, type TokenMixer } from "@x/layers";

/** The paper's "Linear" encoder: two learned matrices where FNet has those of the Fourier transform. Lee-Thorp et al. 2022, §3.3. */
export class LinearMixing extends Module implements TokenMixer<unknown> {
  /** (N, N), over tokens. */
  readonly sequence: Parameter;
  /** (D, D), over a token's features. */
  readonly hidden: Linear;

  /** For texts of exactly `length` tokens. */
  constructor(length: number, hiddenSize: number) {
    super();
    this.sequence = new Parameter([length, length]);
    this.hidden = new Linear(hiddenSize, hiddenSize, { bias: false });
  }

  /** x (B, N, D) → (B, N, D). @throws ShapeError when the texts have another length */
  forward(x: Tensor): Tensor {
    const [length = 0] = this.sequence.shape;
    if (x.shape[1] !== length) throw new ShapeError("LinearMixing", `x must be (B, ${length}, D)`, { x: x.shape });
    return matmul(this.sequence, this.hidden.forward(x));
  }

  /** N(0, 0.02²), the authors' code. */
  override initialize(rng: Rng): this {
    for (const matrix of [this.sequence, this.hidden.weight]) fillNormal(matrix, rng, 0.02);
    return this;
  }
}
