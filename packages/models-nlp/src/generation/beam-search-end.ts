/** When beam search ends. */

export interface Hypothesis {
  /** The start token first. */
  readonly tokens: readonly number[];
  /** Sum of log-probabilities; of a finished one divided by length^lengthPenalty. */
  readonly score: number;
}

export interface BeamOptions {
  readonly numBeams: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | "never";
  /** Any of them ends a sequence. */
  readonly ends: readonly number[];
  /** Most tokens, the start token included. */
  readonly maxLength: number;
}

/** Below every real score; its own log-probabilities can't lift a beam above it. */
export const HOPELESS = -1e9;

/**
 * Whether no better sequence is to be waited for, as Hugging Face's library decides it: there are `numBeams` finished ones and either `earlyStopping` says that is
 * enough, or the best running beam's score, divided by a length^lengthPenalty, is no more than the worst finished one's. The length is the present one
 * (`earlyStopping` false: unlikely to get better), or with "never" the one at which a score that falls with each token would be divided by the most.
 * @param best the best running beam's sum of log-probabilities
 * @param finished the best first, their scores divided already
 * @param generated tokens of the running beams, without the start token
 */
export function beamSearchEnds(best: number, finished: readonly Hypothesis[], generated: number, options: BeamOptions): boolean {
  const { numBeams, lengthPenalty, earlyStopping, maxLength } = options;
  const isFull = finished.length === numBeams;
  const longest = earlyStopping === "never" && lengthPenalty > 0 ? maxLength - 1 : generated;
  const worst = isFull ? (finished.at(-1)?.score ?? HOPELESS) : HOPELESS;
  return best / longest ** lengthPenalty <= worst || (earlyStopping === true && isFull);
}
