import { TensorError } from "@x/layers";
import { checkInts, checkModel } from "@x/layers/model";
import { beamSearch } from "./beam-search.ts";
import type { BeamOptions } from "./beam-search-end.ts";
import { greedy, type Sampling, sampler } from "./choose.ts";
import type { GenerationDefaults, SequenceToSequence } from "./decoding.ts";
import type { Rules } from "./rules.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { stepwise, type Written } from "./stepwise.ts";

export interface StepwiseGeneration extends Omit<GenerationDefaults, "numBeams" | "lengthPenalty" | "earlyStopping"> {
  /** Draws tokens instead of taking the likeliest. */
  readonly sampling?: Sampling | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GenerateOptions extends StepwiseGeneration, GenerationDefaults {
  /** How many of the `numBeams` sequences are given for each input. Default 1. */
  readonly numReturnSequences?: number | undefined;
}

export interface Generated {
  /** Without the start token; with the end token if it came to that. */
  readonly tokens: readonly number[];
  /** Sum of the tokens' log-probabilities; of beam search divided by length^lengthPenalty. */
  readonly score: number;
}

/**
 * Writes a sequence for each input: greedily, by beam search (`numBeams` above 1), or by drawing (`sampling`). What isn't said is as the model's files say.
 * text (B, N) → for each input its sequences, the best first.
 * @throws TensorError when the options contradict each other
 * @throws the signal's reason when aborted
 */
export async function generate(model: SequenceToSequence, text: TextInput, options: GenerateOptions = {}): Promise<Generated[][]> {
  checkModel("generate", model, ["startDecoding", "generation"], "Marian or Transformer");
  checkInts("generate", { inputIds: text.inputIds });
  const [count = 0] = text.inputIds.shape;
  const settings = { ...model.generation, ...given(options) };
  const { numBeams = 1, numReturnSequences = 1, sampling } = settings;
  checkCounts(numBeams, numReturnSequences, options);
  if (numBeams === 1 || sampling) {
    const outputs = Array.from({ length: count }, () => ({ tokens: [] as number[], score: 0 }));
    for await (const step of generateSteps(model, text, options)) {
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
  const settings = { ...model.generation, ...given(options) };
  const choose = settings.sampling ? sampler(settings.sampling) : greedy;
  using decoding = model.startDecoding(text);
  yield* stepwise(decoding, text.inputIds.shape[0] ?? 0, { ...rulesOf(model, settings), choose });
}

/** An option that is undefined is one that isn't given. */
const given = (options: GenerateOptions): GenerateOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function rulesOf(
  { config }: SequenceToSequence,
  settings: StepwiseGeneration,
): Rules & { startToken: number; signal: AbortSignal | undefined } {
  const { decoderStartTokenId: startToken, eosTokenId, maxPositionEmbeddings } = config;
  const { badWordsIds, forcedEosTokenId, renormalizeLogits, maxLength = maxPositionEmbeddings, signal } = settings;
  return { badWordsIds, forcedEosTokenId, renormalizeLogits, maxLength, startToken, eosTokenId, signal };
}

function beamOptionsOf({ config }: SequenceToSequence, settings: GenerationDefaults): Omit<BeamOptions, "numBeams"> {
  const { lengthPenalty = 1, earlyStopping = false, maxLength = config.maxPositionEmbeddings } = settings;
  return { lengthPenalty, earlyStopping, maxLength, eosTokenId: config.eosTokenId };
}

function checkCounts(numBeams: number, numReturnSequences: number, { sampling, numBeams: asked }: GenerateOptions): void {
  if (sampling && asked !== undefined && asked > 1) throw new TensorError("generate: sampling follows one sequence; leave numBeams out");
  const counts = [numBeams, numReturnSequences];
  if (!counts.every((value) => Number.isInteger(value) && value >= 1) || numReturnSequences > (sampling ? 1 : numBeams)) {
    throw new TensorError(
      `generate: numBeams and numReturnSequences are whole numbers from 1 on, the second at most the first, but are ${counts.join(" and ")}`,
    );
  }
}
