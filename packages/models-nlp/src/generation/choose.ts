import { drawUniform, empty, type Rng } from "@x/layers";
import { anRng, checkOptions, needed, type RulesOf } from "@x/layers/model";
import { candidatesOf, type Drawing, drawingRules } from "./drawing.ts";
import { topCandidates } from "./top-candidates.ts";

/** Picks the next token from the log-probabilities of all (V). */
export type Choose = (logProbs: Float32Array) => number;

export interface Sampling extends Drawing {
  /** What the choice is drawn from: the same seed, the same text. */
  readonly rng: Rng;
}

const rules: RulesOf<Sampling> = { rng: needed(anRng), ...drawingRules };

/** The likeliest. */
export const greedy: Choose = (logProbs) => topCandidates(logProbs, 1)[0] ?? 0;

/**
 * Draws a token from those that the settings leave.
 * @param defaults of the settings that aren't given @throws TensorError when a number makes no sense
 */
export function sampler(sampling: Sampling, defaults: Drawing = {}): Choose {
  checkOptions("sampling", sampling, rules);
  const { rng, ...said } = sampling;
  const drawing: Drawing = { ...defaults, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
  return (logProbs) => {
    const candidates = candidatesOf(logProbs, drawing);
    let left = draw(rng);
    return (
      (candidates.find(({ probability }) => (left -= probability) < 0) ?? candidates.findLast(({ probability }) => probability > 0))
        ?.token ?? 0
    );
  };
}

/** One number from [0, 1). */
function draw(rng: Rng): number {
  using number = empty([1]);
  drawUniform(number, rng);
  return number.data[0] ?? 0;
}
