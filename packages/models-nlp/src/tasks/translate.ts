import { type BatchOptions, type ItemErrors, TensorError } from "@x/layers";
import { aText, batchRules, checkModel, checkOptions, itemErrorRules, type RulesOf } from "@x/layers/model";
import type { SequenceToSequence } from "../generation/decoding.ts";
import {
  generate,
  type GenerateOptions,
  generateRules,
  generateSteps,
  type StepwiseGeneration,
  stepwiseRules,
} from "../generation/generate.ts";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { lengthRules } from "../tokenizer/length.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { encodeTexts, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";

/** What `translate` needs of a model: Marian, Transformer. */
export interface Translator extends SequenceToSequence, TextModel {
  readonly config: SequenceToSequence["config"];
  /** Of the language that is translated into. */
  readonly targetTokenizer: Tokenizer | undefined;
}

/** Of models of many languages: M2M-100 (`fr`), NLLB (`fra_Latn`). */
export interface LanguageOptions {
  /** The language of the texts. Default: the tokenizer's. */
  readonly from?: string | undefined;
  /** The language that is translated into. Default: what the model's files say, if they do. */
  readonly to?: string | undefined;
}

export interface TranslateOptions
  extends BatchOptions, Omit<GenerateOptions, "numReturnSequences" | "signal">, Pick<EncodeOptions, "truncation">, LanguageOptions {}

const { numReturnSequences: _one, ...oneSequenceRules } = generateRules;

const rules: RulesOf<TranslateOptions & Partial<ItemErrors>> = {
  ...oneSequenceRules,
  ...batchRules,
  ...itemErrorRules,
  truncation: lengthRules.truncation,
  from: aText,
  to: aText,
};

/**
 * Texts in the model's other language. Beams and lengths are as the model's files say, if the options don't say otherwise.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function translate(model: Translator, text: string, options?: TranslateOptions): Promise<string>;
export async function translate(
  model: Translator,
  texts: readonly string[],
  options: TranslateOptions & ItemErrors,
): Promise<(string | undefined)[]>;
export async function translate(model: Translator, texts: readonly string[], options?: TranslateOptions): Promise<string[]>;
export async function translate(
  model: Translator,
  texts: string | readonly string[],
  options?: TranslateOptions,
): Promise<string | string[]>;
export async function translate(
  model: Translator,
  texts: string | readonly string[],
  options: TranslateOptions & Partial<ItemErrors> = {},
): Promise<string | undefined | (string | undefined)[]> {
  checkOptions("translate", options, rules);
  const { batchSize, onProgress, onError, truncation = "error", from, to, ...asked } = options;
  const [source, target, first] = tokenizersOf(model, { from, to });
  const generation = { ...first, ...asked };
  const maxLength = lengthLimit(model, source, undefined);
  const task = { batchSize, onProgress, onError, signal: generation.signal };
  const encode = (text: string): Promise<Encoding> => source.encodeAsync(text, { truncation, maxLength, signal: generation.signal });
  const encodings = await encodeTexts("translate", textsOf(texts, "translate"), encode, task);
  const run = async (batch: readonly Encoding[]): Promise<string[]> => {
    using inputs = source.pad(batch);
    const generated = await generate(model, inputs, generation);
    return generated.map(([best]) => textOf(target, best?.tokens ?? []));
  };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? results[0] : results;
}

/**
 * One translation piece by piece, as the tokens come; the pieces together are the whole. Without beams, whose best changes until the end.
 * Throws as `translate` does.
 */
export async function* translateStream(
  model: Translator,
  text: string,
  options: StepwiseGeneration & Pick<TranslateOptions, "truncation" | "from" | "to"> = {},
): AsyncGenerator<string, void, void> {
  checkOptions("translateStream", options, { ...stepwiseRules, truncation: lengthRules.truncation, from: aText, to: aText });
  const { truncation = "error", from, to, ...asked } = options;
  const [source, target, first] = tokenizersOf(model, { from, to });
  const generation = { ...first, ...asked };
  using batch = source.pad([
    await source.encodeAsync(text, { truncation, maxLength: lengthLimit(model, source, undefined), signal: generation.signal }),
  ]);
  const tokens: number[] = [];
  let told = "";
  for await (const step of generateSteps(model, batch, generation)) {
    tokens.push(...step.map(({ token }) => token));
    const written = textOf(target, tokens);
    if (written.endsWith("\ufffd")) continue; // a character that is not all there yet
    if (written.length > told.length) yield written.slice(told.length);
    told = written;
  }
}

/** Tokens as a text. Rows of the model that the vocabulary has no word for, as NLLB's last two, say nothing. */
const textOf = (target: Tokenizer, tokens: readonly number[]): string =>
  target.decode(
    tokens.filter((id) => target.idToToken(id) !== undefined),
    { skipSpecialTokens: true },
  );

/** The tokenizers of both languages, and with which token a translation begins, where that is said. */
function tokenizersOf(
  model: Translator,
  { from, to }: LanguageOptions,
): [source: Tokenizer, target: Tokenizer, first: Pick<GenerateOptions, "forcedBosTokenId">] {
  checkModel("translate", model, ["startDecoding", "tokenizer", "targetTokenizer"], "Marian");
  const source = tokenizerOf(model, "translate");
  const { targetTokenizer: target } = model;
  if (!target) throw new TensorError("translate: this model has no targetTokenizer; set it beside `tokenizer`");
  const first = to === undefined ? {} : { forcedBosTokenId: target.languageId(to) };
  return [from === undefined ? source : source.inLanguage(from), target, first];
}
