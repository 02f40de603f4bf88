import { XError } from "@x/layers";

/** A tokenizer's files can't be followed, or a text can't be tokenized as asked. */
export class TokenizerError extends XError {
  override readonly name = "TokenizerError";
}
