import { type Activation, activationOf, fillZeros, LayerNorm, linear, Linear, Module, Parameter, type Rng, type Tensor } from "@x/layers";
import type { TextEmbeddings } from "../text-encoder/embeddings.ts";
import type { TextEncoderConfig } from "../text-encoder/text-encoder.ts";

/** Whose tokens it reads. */
interface Encoder {
  readonly config: Pick<TextEncoderConfig, "hiddenSize" | "layerNormEps" | "hiddenAct">;
  readonly embeddings: TextEmbeddings;
}

/** Linear → activation → LN → the word embeddings' transpose + bias: BERT's prediction of masked words. Devlin et al. 2019, §3.1, and the authors' code. */
export class MaskedLMHead extends Module {
  readonly transform: Linear;
  readonly norm: LayerNorm;
  /** (vocabulary) */
  readonly bias: Parameter;
  readonly #activation: Activation;
  readonly #wordEmbeddings: Parameter;

  /** The encoder's word embeddings are the output layer's weights as well. */
  constructor({ config: { hiddenSize, layerNormEps, hiddenAct }, embeddings }: Encoder) {
    super();
    this.#wordEmbeddings = embeddings.wordEmbeddings.weight; // (vocabulary, D)
    this.#activation = activationOf(hiddenAct);
    this.transform = new Linear(hiddenSize, hiddenSize);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.bias = new Parameter([this.#wordEmbeddings.shape[0] ?? 0]);
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
