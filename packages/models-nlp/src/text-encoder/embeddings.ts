import { add, Dropout, Embedding, LayerNorm, type Linear, Module, type Rng, ShapeError, slice, type Tensor } from "@x/layers";

export interface TextEmbeddingsOptions {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly maxPositionEmbeddings: number;
  readonly typeVocabSize: number;
  readonly padTokenId: number;
  readonly layerNormEps: number;
  readonly hiddenDropoutProb: number;
}

/** Word + type + position embeddings → LN (→ projection) → dropout. Devlin et al. 2019, §3, figure 2; Lee-Thorp et al. 2022, §3.2. */
export class TextEmbeddings extends Module {
  readonly wordEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly tokenTypeEmbeddings: Embedding;
  readonly norm: LayerNorm;
  /** FNet's. */
  readonly projection: Linear | undefined;
  readonly dropout: Dropout;

  constructor(config: TextEmbeddingsOptions, rng: Rng, projection?: Linear) {
    super();
    const { vocabSize, hiddenSize, maxPositionEmbeddings, typeVocabSize, padTokenId: paddingId } = config;
    this.wordEmbeddings = new Embedding(vocabSize, hiddenSize, { paddingId });
    this.positionEmbeddings = new Embedding(maxPositionEmbeddings, hiddenSize);
    this.tokenTypeEmbeddings = new Embedding(typeVocabSize, hiddenSize);
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.projection = projection;
    this.dropout = new Dropout(config.hiddenDropoutProb, rng);
  }

  /** inputIds (B, N), tokenTypeIds (B, N), all 0 by default → (B, N, D). @throws ShapeError when there are more tokens than positions */
  forward(inputIds: Tensor<"int32">, tokenTypeIds?: Tensor<"int32">): Tensor {
    const [most = 0] = this.positionEmbeddings.weight.shape;
    const [, length = 0] = inputIds.shape;
    if (inputIds.shape.length !== 2 || length > most) {
      throw new ShapeError("TextEmbeddings", `inputIds must be (B, N) with N at most maxPositionEmbeddings, ${most}`, {
        inputIds: inputIds.shape,
      });
    }
    const types = tokenTypeIds ? this.tokenTypeEmbeddings.forward(tokenTypeIds) : slice(this.tokenTypeEmbeddings.weight, 0, 0, 1);
    const words = add(this.wordEmbeddings.forward(inputIds), types); //     (B, N, D)
    const x = this.norm.forward(add(words, slice(this.positionEmbeddings.weight, 0, 0, length)));
    return this.dropout.forward(this.projection?.forward(x) ?? x);
  }
}
