import { type Activation, Dropout, Linear, Module, reshape, type Rng, slice, type Tensor } from "@x/layers";

export interface ClassificationHeadOptions {
  readonly hiddenSize: number;
  readonly classes: number;
  /** tanh: RoBERTa, MPNet; gelu: ELECTRA; relu: DistilBERT. */
  readonly activation: Activation;
  /** Dropout on the first token. Default 0. */
  readonly inputDropout?: number | undefined;
  /** Dropout before the last layer. */
  readonly dropout: number;
}

/** First token → dense → activation → an output for each class: what classifies texts where the encoder has no pooler. */
export class ClassificationHead extends Module {
  readonly inputDropout: Dropout;
  readonly dense: Linear;
  readonly dropout: Dropout;
  readonly outProj: Linear;
  readonly #activation: Activation;

  constructor({ hiddenSize, classes, activation, inputDropout = 0, dropout }: ClassificationHeadOptions, rng: Rng) {
    super();
    this.inputDropout = new Dropout(inputDropout, rng);
    this.dense = new Linear(hiddenSize, hiddenSize);
    this.dropout = new Dropout(dropout, rng);
    this.outProj = new Linear(hiddenSize, classes);
    this.#activation = activation;
  }

  /** tokens (B, N, D) → logits (B, classes) */
  forward(tokens: Tensor): Tensor {
    const first = reshape(slice(tokens, 1, 0, 1), [-1, tokens.shape[2] ?? 0]); // (B, D)
    const x = this.dense.forward(this.inputDropout.forward(first), { activation: this.#activation });
    return this.outProj.forward(this.dropout.forward(x));
  }
}
