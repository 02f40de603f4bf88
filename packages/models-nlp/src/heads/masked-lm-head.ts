import { type Activation, activationOf, fillZeros, LayerNorm, linear, Linear, Module, Parameter, type Rng, type Tensor } from "@x/layers";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import type { TokenEmbeddings } from "../text-encoder/text-encoder.ts";

/** Whose tokens it reads. */
interface Encoder {
  readonly config: Pick<TextEncoderConfig, "hiddenSize" | "layerNormEps" | "hiddenAct" | "tieWordEmbeddings">;
  readonly embeddings: TokenEmbeddings;
}

/** Linear → activation → LN → the word embeddings' transpose + bias: BERT's prediction of masked words. Devlin et al. 2019, §3.1, and the authors' code. */
export class MaskedLMHead extends Module {
  readonly transform: Linear;
  readonly norm: LayerNorm;
  /** (vocabulary, E), where the output layer has weights of its own. */
  readonly decoder: Parameter | undefined;
  /** (vocabulary) */
  readonly bias: Parameter;
  readonly #activation: Activation;
  readonly #wordEmbeddings: Parameter;

  /** The encoder's word embeddings are the output layer's weights as well, unless its config unties them. @param activation default: the config's */
  constructor({ config, embeddings }: Encoder, activation: Activation = activationOf(config.hiddenAct)) {
    super();
    this.#wordEmbeddings = embeddings.wordEmbeddings.weight; // (vocabulary, E)
    this.#activation = activation;
    const [vocabSize = 0, embeddingSize = 0] = this.#wordEmbeddings.shape;
    this.transform = new Linear(config.hiddenSize, embeddingSize);
    this.norm = new LayerNorm(embeddingSize, config.layerNormEps);
    this.decoder = config.tieWordEmbeddings === false ? new Parameter([vocabSize, embeddingSize]) : undefined;
    this.bias = new Parameter([vocabSize]);
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
    fillZeros(this.bias);
    return this;
  }
}
