import { type Activation, activationOf, fillZeros, LayerNorm, linear, Linear, Module, Parameter, type Rng, type Tensor } from "@x/layers";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import type { TokenEmbeddings, TokenNorm } from "../text-encoder/text-encoder.ts";

/** Whose tokens it reads. */
interface Encoder {
  readonly config: Pick<TextEncoderConfig, "hiddenSize" | "layerNormEps" | "hiddenAct" | "tieWordEmbeddings">;
  readonly embeddings: TokenEmbeddings;
}

/** Parts that some have otherwise. */
export interface MaskedLMHeadOptions {
  /** Default: the config's. */
  readonly activation?: Activation | undefined;
  /** D → E. Default: with a bias. */
  readonly transform?: Linear | undefined;
  /** Default: LN. */
  readonly norm?: TokenNorm | undefined;
  /** Whether words have a bias. Default true. */
  readonly bias?: boolean | undefined;
}

/** Linear → activation → LN → the word embeddings' transpose + bias: BERT's prediction of masked words. Devlin et al. 2019, §3.1, and the authors' code. */
export class MaskedLMHead extends Module {
  readonly transform: Linear;
  readonly norm: TokenNorm;
  /** (vocabulary, E), where the output layer has weights of its own. */
  readonly decoder: Parameter | undefined;
  /** (vocabulary) */
  readonly bias: Parameter | undefined;
  readonly #activation: Activation;
  readonly #wordEmbeddings: Parameter;

  /** The encoder's word embeddings are the output layer's weights as well, unless its config unties them. */
  constructor({ config, embeddings }: Encoder, { activation, transform, norm, bias = true }: MaskedLMHeadOptions = {}) {
    super();
    this.#wordEmbeddings = embeddings.wordEmbeddings.weight; // (vocabulary, E)
    this.#activation = activation ?? activationOf(config.hiddenAct);
    const [vocabSize = 0, embeddingSize = 0] = this.#wordEmbeddings.shape;
    this.transform = transform ?? new Linear(config.hiddenSize, embeddingSize);
    this.norm = norm ?? new LayerNorm(embeddingSize, config.layerNormEps);
    this.decoder = config.tieWordEmbeddings === false ? new Parameter([vocabSize, embeddingSize]) : undefined;
    this.bias = bias ? new Parameter([vocabSize]) : undefined;
  }

  /** The word embeddings, where they are the output layer's weights as well. */
  override get tiedParameters(): readonly Parameter[] {
    return this.decoder ? [] : [this.#wordEmbeddings];
  }

  /** tokens (…, D) → logits (…, vocabulary) */
  forward(tokens: Tensor): Tensor {
    const x = this.norm.forward(this.transform.forward(tokens, { activation: this.#activation })); // (…, E)
    return linear(x, this.decoder ?? this.#wordEmbeddings, this.bias);
  }

  /** As its layers; a bias of zeros. The word embeddings are their owner's. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    if (this.bias) fillZeros(this.bias);
    return this;
  }
}
