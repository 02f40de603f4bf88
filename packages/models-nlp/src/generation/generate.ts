import { TensorError } from "@x/layers";
import {
  aboveZero,
  aFlag,
  aFunction,
  aSignal,
  checkInts,
  checkModel,
  checkOptions,
  either,
  many,
  oneOf,
  type RulesOf,
  shaped,
  type ValueRule,
  wholeFrom,
} from "@x/layers/model";
import { beamSearch } from "./beam-search.ts";
import type { BeamOptions } from "./beam-search-end.ts";
import { greedy, type Sampling, sampler } from "./choose.ts";
import type { GenerationDefaults, SequenceToSequence } from "./decoding.ts";
import type { Adjust, Rules } from "./rules.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { stepwise, type Written } from "./stepwise.ts";

export interface StepwiseGeneration extends Omit<GenerationDefaults, "numBeams" | "lengthPenalty" | "earlyStopping" | "drawing"> {
  /** Draws tokens instead of taking the likeliest. */
  readonly sampling?: Sampling | undefined;
  /** A last word on the scores (V) of what may follow a sequence's tokens, the start token first: changed in place, −∞ forbids. */
  readonly adjust?: Adjust | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GenerateOptions extends StepwiseGeneration, Omit<GenerationDefaults, "drawing"> {
  /** How many of the `numBeams` sequences are given for each input. Default 1. */
  readonly numReturnSequences?: number | undefined;
}

export interface Generated {
  /** Without the start token; with the end token if it came to that. */
  readonly tokens: readonly number[];
  /** Sum of the tokens' log-probabilities; of beam search divided by length^lengthPenalty. */
  readonly score: number;
}

const anId: ValueRule = wholeFrom(0);

export const stepwiseRules: RulesOf<StepwiseGeneration> = {
  maxLength: wholeFrom(1),
  badWordsIds: many(many(anId)),
  forcedBosTokenId: either(anId, oneOf(null)),
  forcedEosTokenId: either(anId, oneOf(null)),
  eosTokenId: either(anId, many(anId)),
  minLength: wholeFrom(0),
  minNewTokens: wholeFrom(0),
  repetitionPenalty: aboveZero,
  noRepeatNgramSize: wholeFrom(0),
  suppressTokens: many(anId),
  beginSuppressTokens: many(anId),
  adjust: aFunction,
  decoderStartTokenId: anId,
  renormalizeLogits: aFlag,
  doSample: aFlag,
  sampling: shaped("an object with an rng", "rng"),
  signal: aSignal,
};

const aPenalty: ValueRule = { rule: "from −100 to 100", holds: (value) => typeof value === "number" && Math.abs(value) <= 100 };

export const generateRules: RulesOf<GenerateOptions> = {
  ...stepwiseRules,
  numBeams: wholeFrom(1),
  numReturnSequences: wholeFrom(1),
  lengthPenalty: aPenalty,
  earlyStopping: oneOf(true, false, "never"),
};

/**
 * Writes a sequence for each input: greedily, by beam search (`numBeams` above 1), or by drawing (`sampling`). What isn't said is as the model's files say.
 * text (B, N) → for each input its sequences, the best first.
 * @throws TensorError when the options contradict each other
 * @throws the signal's reason when aborted
 */
export async function generate(model: SequenceToSequence, text: TextInput, options: GenerateOptions = {}): Promise<Generated[][]> {
  checkModel("generate", model, ["startDecoding", "generation"], "Marian or Transformer");
  checkOptions("generate", options, generateRules);
  checkInts("generate", { inputIds: text.inputIds });
  const [count = 0] = text.inputIds.shape;
  const settings = { ...model.generation, ...given(options) };
  const { numBeams = 1, numReturnSequences = 1, sampling } = settings;
  checkCounts(numBeams, numReturnSequences, options);
  checkDrawing(settings);
  if (numBeams === 1 || sampling) {
    const outputs = Array.from({ length: count }, () => ({ tokens: [] as number[], score: 0 }));
    const { numBeams: _one, numReturnSequences: _alsoOne, lengthPenalty: _none, earlyStopping: _never, ...stepwiseOptions } = options;
    for await (const step of generateSteps(model, text, stepwiseOptions)) {
      for (const { sequence, token, logProb } of step) {
        const output = outputs[sequence];
        output?.tokens.push(token);
        if (output) output.score += logProb;
      }
    }
    return outputs.map((output) => [output]);
  }
  using decoding = model.startDecoding(text, numBeams);
  const found = await beamSearch(decoding, count, { ...rulesOf(model, settings), ...beamOptionsOf(model, settings), numBeams });
  return found.map((beams) => beams.slice(0, numReturnSequences).map(({ tokens, score }) => ({ tokens: tokens.slice(1), score })));
}

/** The same without beams, each step's tokens as they come. Throws as `generate` does. */
export async function* generateSteps(
  model: SequenceToSequence,
  text: TextInput,
  options: StepwiseGeneration = {},
): AsyncGenerator<Written[], void, void> {
  checkModel("generateSteps", model, ["startDecoding", "generation"], "Marian or Transformer");
  checkOptions("generateSteps", options, stepwiseRules);
  checkInts("generateSteps", { inputIds: text.inputIds });
  const settings = { ...model.generation, ...given(options) };
  checkDrawing(settings);
  const choose = settings.sampling ? sampler(settings.sampling, settings.drawing) : greedy;
  using decoding = model.startDecoding(text);
  yield* stepwise(decoding, text.inputIds.shape[0] ?? 0, { ...rulesOf(model, settings), choose });
}

/** An option that is undefined is one that isn't given. */
const given = (options: GenerateOptions): GenerateOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Where the model's files want tokens to be drawn, a call says from what. */
function checkDrawing({ doSample = false, sampling }: StepwiseGeneration): void {
  if (doSample && !sampling)
    throw new TensorError(
      "generate: the model's files say that tokens are to be drawn; say `sampling: { rng: new Rng(seed) }`, or `doSample: false` for the likeliest",
    );
}

function rulesOf(
  { config }: SequenceToSequence,
  settings: StepwiseGeneration,
): Rules & { startToken: number; signal: AbortSignal | undefined } {
  const { eosTokenId = config.eosTokenId, decoderStartTokenId: startToken = config.decoderStartTokenId, signal, ...rules } = settings;
  return { ...rules, maxLength: mostTokens(config, settings), startToken, ends: [eosTokenId].flat(), signal };
}

function beamOptionsOf({ config }: SequenceToSequence, settings: GenerationDefaults): Omit<BeamOptions, "numBeams"> {
  const { lengthPenalty = 1, earlyStopping = false, eosTokenId = config.eosTokenId } = settings;
  if (!(Math.abs(lengthPenalty) <= 100)) throw new TensorError(`generate: lengthPenalty must be from −100 to 100, but is ${lengthPenalty}`);
  return { lengthPenalty, earlyStopping, maxLength: mostTokens(config, settings), ends: [eosTokenId].flat() };
}

/** What is asked for, but no more than the model has positions for. */
function mostTokens({ maxPositionEmbeddings }: SequenceToSequence["config"], { maxLength = Infinity }: GenerationDefaults): number {
  if (!(maxLength >= 1)) throw new TensorError(`generate: maxLength must be a whole number from 1 on, but is ${maxLength}`);
  const most = Math.min(maxLength, maxPositionEmbeddings);
  if (most <= longest) return most;
  throw new TensorError(
    `generate: at most ${longest} tokens are written, but the model has positions for ${most} and maxLength doesn't say less`,
  );
}

const longest = 2 ** 16;

const mostBeams = 256;

function checkCounts(numBeams: number, numReturnSequences: number, { sampling, numBeams: asked }: GenerateOptions): void {
  if (sampling && asked !== undefined && asked > 1) throw new TensorError("generate: sampling follows one sequence; leave numBeams out");
  const counts = [numBeams, numReturnSequences];
  if (
    !counts.every((value) => Number.isInteger(value) && value >= 1 && value <= mostBeams) ||
    numReturnSequences > (sampling ? 1 : numBeams)
  ) {
    throw new TensorError(
      `generate: numBeams and numReturnSequences are whole numbers from 1 to ${mostBeams}, the second at most the first, but are ${counts.join(" and ")}`,
    );
  }
}
