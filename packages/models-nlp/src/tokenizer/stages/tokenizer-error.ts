/** A tokenizer's files can't be followed, or a text can't be tokenized as asked. */
export class TokenizerError extends Error {
  override readonly name = "TokenizerError";
}
