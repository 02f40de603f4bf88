import { Embedding, intTensor, ShapeError, slice, type Tensor } from "@x/layers";

/** A learned vector for each place in a text: row i of a table for token i. Devlin et al. 2019, §3. */
export class Positions extends Embedding {
  /** Most tokens of a text. */
  get maxLength(): number {
    return this.weight.shape[0] ?? 0;
  }

  /** inputIds (B, N) → (N, D), or (B, N, D) where texts differ. @throws ShapeError when there are more tokens than positions */
  at(inputIds: Tensor<"int32">): Tensor {
    const length = inputIds.shape[1] ?? 0;
    this.check(inputIds, length);
    return slice(this.weight, 0, 0, length);
  }

  /** @param length the longest text's */
  protected check(inputIds: Tensor<"int32">, length: number): void {
    if (inputIds.shape.length === 2 && length <= this.maxLength) return;
    const rule = `inputIds must be (B, N) with N at most maxPositionEmbeddings, ${this.maxLength}`;
    throw new ShapeError("TextEmbeddings", rule, { inputIds: inputIds.shape });
  }
}

/**
 * The same counted from padding's row on, as in fairseq: a text's tokens take rows paddingId + 1, paddingId + 2…, wherever padding stands, which takes row
 * paddingId. RoBERTa, MPNet.
 */
export class PositionsAfterPadding extends Positions {
  readonly #paddingId: number;

  constructor(numEmbeddings: number, hiddenSize: number, paddingId: number) {
    super(numEmbeddings, hiddenSize, { paddingId });
    this.#paddingId = paddingId;
  }

  override get maxLength(): number {
    return super.maxLength - this.#paddingId - 1;
  }

  override at(inputIds: Tensor<"int32">): Tensor {
    const ids = inputIds.toTypedArray();
    const length = inputIds.shape[1] ?? 0;
    let count = 0;
    let most = 0;
    const rows = ids.map((id, i) => {
      if (i % length === 0) count = 0;
      if (id === this.#paddingId) return this.#paddingId;
      most = Math.max(most, ++count);
      return this.#paddingId + count;
    });
    this.check(inputIds, most);
    return this.forward(intTensor(rows, inputIds.shape)); // (B, N, D)
  }
}
