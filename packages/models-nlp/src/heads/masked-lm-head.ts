import { type Activation, fillZeros, LayerNorm, Linear, linear, Module, Parameter, type Rng, type Tensor } from "@x/layers";

export interface MaskedLMHeadOptions {
  readonly hiddenSize: number;
  readonly layerNormEps: number;
  readonly activation: Activation;
  /** The word embeddings (vocabulary, D), which are the output layer's weights as well. */
  readonly wordEmbeddings: Parameter;
}

/** Linear → activation → LN → the word embeddings' transpose + bias: BERT's prediction of masked words. Devlin et al. 2019, §3.1, and the authors' code. */
export class MaskedLMHead extends Module {
  readonly transform: Linear;
  readonly norm: LayerNorm;
  /** (vocabulary) */
  readonly bias: Parameter;
  readonly #activation: Activation;
  readonly #wordEmbeddings: Parameter;

  constructor({ hiddenSize, layerNormEps, activation, wordEmbeddings }: MaskedLMHeadOptions) {
    super();
    this.transform = new Linear(hiddenSize, hiddenSize);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.bias = new Parameter([wordEmbeddings.shape[0] ?? 0]);
    this.#activation = activation;
    this.#wordEmbeddings = wordEmbeddings;
  }

  /** tokens (…, D) → logits (…, vocabulary) */
  forward(tokens: Tensor): Tensor {
    const x = this.norm.forward(this.transform.forward(tokens, { activation: this.#activation })); // (…, D)
    return linear(x, this.#wordEmbeddings, this.bias);
  }

  /** As its layers; a bias of zeros. The word embeddings are their owner's. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillZeros(this.bias);
    return this;
  }
}
