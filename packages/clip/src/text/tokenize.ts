import { empty, type Tensor, TensorError } from "@x/layers";
import { allOrNothing, checkOptions, oneOf } from "@x/layers/model";
import type { Tokenizer, Truncation } from "@x/models-nlp";

/** Texts as the text encoder takes them. */
export interface TextInputs {
  /** (B, N), shorter texts filled up behind [EOS]. */
  readonly inputIds: Tensor<"int32">;
  /** (B, N): 1 for a token, 0 for padding. */
  readonly attentionMask: Tensor<"int32">;
}

/** What `tokenize` needs of a model: a CLIP. */
interface TextReader {
  /** Most tokens of a text. */
  readonly maxLength: number | undefined;
  readonly tokenizer: Tokenizer | undefined;
}

export interface TokenizeOptions {
  /** What happens to a text that is longer than the model takes. Default "error"; "first" cuts it, and [EOS] still ends it. */
  readonly truncation?: Truncation | undefined;
}

/**
 * Texts → ids and mask, as long as the longest text. The caller, or the scope around, frees them.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 */
export function tokenize(reader: TextReader, texts: readonly string[], options: TokenizeOptions = {}): TextInputs {
  checkOptions("tokenize", options, { truncation: oneOf("error", "longestFirst", "first", "second") });
  const { tokenizer, maxLength } = reader;
  if (!tokenizer) throw new TensorError("CLIP: this model has no tokenizer; set model.tokenizer, or make the ids yourself");
  const { truncation = "error" } = options;
  const rows = tokenizer.encodeBatch(texts, { truncation, maxLength }).map(({ ids }) => ids);
  const shape = [rows.length, Math.max(0, ...rows.map(({ length }) => length))];
  // OpenAI's tokenizer names no padding token: it pads with 0. What stands behind [EOS] is never seen.
  const padding = tokenizer.special.pad ?? 0;
  return allOrNothing(() => {
    const [inputIds, attentionMask] = [empty(shape, "int32"), empty(shape, "int32")];
    inputIds.data.fill(padding);
    attentionMask.data.fill(0);
    for (const [i, ids] of rows.entries()) {
      inputIds.data.set(ids, i * (shape[1] ?? 0));
      attentionMask.data.fill(1, i * (shape[1] ?? 0), i * (shape[1] ?? 0) + ids.length);
    }
    return { inputIds, attentionMask };
  });
}
