import { add, type Embedding, type Parameter, ShapeError, slice, type Tensor } from "@x/layers";

/** A text tower's tables: of tokens, and of the places in a text (maxPositionEmbeddings, D). */
interface Tables {
  readonly tokenEmbed: Embedding;
  readonly posEmbed: Parameter;
}

/**
 * inputIds (B, N) → token + position embeddings (B, N, D).
 * @param tower its name, for messages
 * @throws ShapeError when a text is longer than there are positions
 */
export function embedTokens(tower: string, { tokenEmbed, posEmbed }: Tables, inputIds: Tensor<"int32">): Tensor {
  const [, length = 0] = inputIds.shape;
  const [maxPositionEmbeddings = 0] = posEmbed.shape;
  if (inputIds.shape.length !== 2 || length > maxPositionEmbeddings) {
    throw new ShapeError(tower, `inputIds must be (B, N) with N at most ${maxPositionEmbeddings}`, { inputIds: inputIds.shape });
  }
  return add(tokenEmbed.forward(inputIds), slice(posEmbed, 0, 0, length));
}
