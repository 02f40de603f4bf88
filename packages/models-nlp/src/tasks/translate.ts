import { type BatchOptions, TensorError } from "@x/layers";
import { batchRules, checkModel, checkOptions, type RulesOf } from "@x/layers/model";
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
import { encodeEach, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";

/** What `translate` needs of a model: Marian, Transformer. */
export interface Translator extends SequenceToSequence, TextModel {
  readonly config: SequenceToSequence["config"];
  /** Of the language that is translated into. */
  readonly targetTokenizer: Tokenizer | undefined;
}

export interface TranslateOptions
  extends BatchOptions, Omit<GenerateOptions, "numReturnSequences" | "signal">, Pick<EncodeOptions, "truncation"> {}

const { numReturnSequences: _one, ...oneSequenceRules } = generateRules;

const rules: RulesOf<TranslateOptions> = { ...oneSequenceRules, ...batchRules, truncation: lengthRules.truncation };

/**
 * Texts in the model's other language. Beams and lengths are as the model's files say, if the options don't say otherwise.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function translate(model: Translator, text: string, options?: TranslateOptions): Promise<string>;
export async function translate(model: Translator, texts: readonly string[], options?: TranslateOptions): Promise<string[]>;
export async function translate(
  model: Translator,
  texts: string | readonly string[],
  options?: TranslateOptions,
): Promise<string | string[]>;
export async function translate(
  model: Translator,
  texts: string | readonly string[],
  options: TranslateOptions = {},
): Promise<string | string[]> {
  const [source, target] = tokenizersOf(model);
  checkOptions("translate", options, rules);
  const { batchSize, onProgress, truncation = "error", ...generation } = options;
  const maxLength = lengthLimit(model, source, undefined);
  const encodings = await encodeEach(textsOf(texts, "translate"), (text) => source.encode(text, { truncation, maxLength }), generation);
  const run = async (batch: readonly Encoding[]): Promise<string[]> => {
    using inputs = source.pad(batch);
    const generated = await generate(model, inputs, generation);
    return generated.map(([best]) => target.decode(best?.tokens ?? [], { skipSpecialTokens: true }));
  };
  const task = { batchSize, onProgress, signal: generation.signal };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? (results[0] ?? "") : results;
}

/**
 * One translation piece by piece, as the tokens come; the pieces together are the whole. Without beams, whose best changes until the end.
 * Throws as `translate` does.
 */
export async function* translateStream(
  model: Translator,
  text: string,
  options: StepwiseGeneration & Pick<TranslateOptions, "truncation"> = {},
): AsyncGenerator<string, void, void> {
  const [source, target] = tokenizersOf(model);
  checkOptions("translateStream", options, { ...stepwiseRules, truncation: lengthRules.truncation });
  const { truncation = "error", ...generation } = options;
  using batch = source.pad([source.encode(text, { truncation, maxLength: lengthLimit(model, source, undefined) })]);
  const tokens: number[] = [];
  let told = "";
  for await (const step of generateSteps(model, batch, generation)) {
    tokens.push(...step.map(({ token }) => token));
    const written = target.decode(tokens, { skipSpecialTokens: true });
    if (written.endsWith("\ufffd")) continue; // a character that is not all there yet
    if (written.length > told.length) yield written.slice(told.length);
    told = written;
  }
}

function tokenizersOf(model: Translator): [source: Tokenizer, target: Tokenizer] {
  checkModel("translate", model, ["startDecoding", "tokenizer", "targetTokenizer"], "Marian");
  const source = tokenizerOf(model, "translate");
  if (!model.targetTokenizer) throw new TensorError("translate: this model has no targetTokenizer; set it beside `tokenizer`");
  return [source, model.targetTokenizer];
}
