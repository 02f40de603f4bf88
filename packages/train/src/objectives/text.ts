import { ArgumentError, type Module, type Tensor } from "@x/layers";
import { type RulesOf, wholeFrom } from "@x/layers/model";

/** Ids of a text. */
export interface TextIds {
  readonly ids: readonly number[];
}

/** Texts padded to one length, as models read them. */
export interface TextTensors extends Disposable {
  /** (B, N) */
  readonly inputIds: Tensor<"int32">;
  /** (B, N), 1 for a token */
  readonly attentionMask: Tensor<"int32">;
  /** (B, N), 1 for a second text */
  readonly tokenTypeIds: Tensor<"int32">;
}

/** What is needed of a tokenizer; that of `@x/models-nlp` has it. */
export interface TextTokenizer {
  readonly maxLength: number | undefined;
  encode(
    text: string,
    options: { readonly pair?: string | undefined; readonly maxLength: number; readonly truncation: "longestFirst" },
  ): TextIds;
  pad(encodings: readonly TextIds[]): TextTensors;
}

/** What is needed of a model of texts. */
export interface TextModel extends Module {
  readonly tokenizer: TextTokenizer | undefined;
  readonly config: { readonly maxPositionEmbeddings?: number | undefined };
}

export interface TextOptions {
  /** Most tokens of a text; longer ones are cut. Default: as many as the tokenizer and the model take. */
  readonly maxLength?: number | undefined;
}

export const textRules: RulesOf<TextOptions> = { maxLength: wholeFrom(1) };

/** A text, or two that belong together. */
export interface TextExample {
  readonly text: string;
  /** A second text: the passage to a question, say. */
  readonly pair?: string | undefined;
}

/** @throws ArgumentError when the model has no tokenizer */
export function tokenizerOf(where: string, { tokenizer }: Pick<TextModel, "tokenizer">): TextTokenizer {
  if (tokenizer) return tokenizer;
  throw new ArgumentError(where, "the model needs a tokenizer (set `model.tokenizer`)", "it has none");
}

/** Texts → ids, cut to what fits. */
export function encoderOf(where: string, model: TextModel, { maxLength }: TextOptions): (example: TextExample) => TextIds {
  const tokenizer = tokenizerOf(where, model);
  const most = Math.min(maxLength ?? tokenizer.maxLength ?? Infinity, model.config.maxPositionEmbeddings ?? Infinity);
  return ({ text, pair }) => tokenizer.encode(text, { pair, maxLength: most, truncation: "longestFirst" });
}

/** Characters: near enough to tokens to put texts of similar length together. */
export const lengthOf = ({ text, pair = "" }: TextExample): number => text.length + pair.length;
