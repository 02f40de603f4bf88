import { add, Dropout, Embedding, intTensor, LayerNorm, type Linear, Module, type Rng, type Tensor } from "@x/layers";
import { Positions } from "./positions.ts";

export interface TextEmbeddingsOptions {
  readonly vocabSize: number;
  /** Width of the vectors. */
  readonly hiddenSize: number;
  readonly maxPositionEmbeddings: number;
  /** Default: no types. */
  readonly typeVocabSize?: number | undefined;
  readonly padTokenId: number;
  readonly layerNormEps: number;
  readonly hiddenDropoutProb: number;
}

/** What families have of their own. */
export interface TextEmbeddingsParts {
  /** Default: a row for each place. */
  readonly positions?: Positions | undefined;
  /** FNet's, before dropout. Default: none. */
  readonly projection?: Linear | undefined;
}

/** Word + type + position embeddings → LN (→ projection) → dropout. Devlin et al. 2019, §3, figure 2; Lee-Thorp et al. 2022, §3.2. */
export class TextEmbeddings extends Module {
  readonly wordEmbeddings: Embedding;
  readonly positionEmbeddings: Positions;
  readonly tokenTypeEmbeddings: Embedding | undefined;
  readonly norm: LayerNorm;
  readonly projection: Linear | undefined;
  readonly dropout: Dropout;

  constructor(config: TextEmbeddingsOptions, rng: Rng, { positions, projection }: TextEmbeddingsParts = {}) {
    super();
    const { vocabSize, hiddenSize, maxPositionEmbeddings, typeVocabSize, padTokenId: paddingId } = config;
    this.wordEmbeddings = new Embedding(vocabSize, hiddenSize, { paddingId });
    this.positionEmbeddings = positions ?? new Positions(maxPositionEmbeddings, hiddenSize);
    this.tokenTypeEmbeddings = typeVocabSize === undefined ? undefined : new Embedding(typeVocabSize, hiddenSize);
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.projection = projection;
    this.dropout = new Dropout(config.hiddenDropoutProb, rng);
  }

  /**
   * inputIds (B, N), tokenTypeIds (B, N), all 0 by default, without a meaning where there are no types → (B, N, D).
   * @throws ShapeError when there are more tokens than positions
   */
  forward(inputIds: Tensor<"int32">, tokenTypeIds?: Tensor<"int32">): Tensor {
    const positions = this.positionEmbeddings.at(inputIds); //              (N, D) or (B, N, D)
    const words = this.wordEmbeddings.forward(inputIds); //                 (B, N, D)
    const x = this.norm.forward(add(this.#typed(words, tokenTypeIds), positions));
    return this.dropout.forward(this.projection?.forward(x) ?? x);
  }

  get maxLength(): number {
    return this.positionEmbeddings.maxLength;
  }

  #typed(words: Tensor, tokenTypeIds: Tensor<"int32"> | undefined): Tensor {
    if (!this.tokenTypeEmbeddings) return words;
    return add(words, this.tokenTypeEmbeddings.forward(tokenTypeIds ?? intTensor([0]))); // of type 0, a row for all
  }
}

/** Zeros for padding, in every table that has a row for it. */
export function clearPadding(embeddings: Module): void {
  for (const [, table] of embeddings.namedChildren()) {
    if (!(table instanceof Embedding) || table.paddingId === undefined) continue;
    const [, width = 0] = table.weight.shape;
    table.weight.data.fill(0, table.paddingId * width, (table.paddingId + 1) * width);
  }
}
