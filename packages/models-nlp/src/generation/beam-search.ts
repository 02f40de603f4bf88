import { intTensor, logSoftmax, noGrad } from "@x/layers";
import { breather } from "@x/layers/model";
import type { BeamOptions, Hypothesis } from "./beam-search-end.ts";
import { Beams } from "./beams.ts";
import type { Decoding } from "./decoding.ts";
import { applyRules, penalize, type Rules } from "./rules.ts";

export interface BeamSearchOptions extends BeamOptions, Rules {
  readonly startToken: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The likeliest sequences for each of `count` inputs, the best first: at most `numBeams` of them. Inputs that are done leave the batch.
 * @param decoding of `count` · numBeams sequences, an input's in a row
 * @throws the signal's reason when aborted
 */
export async function beamSearch(decoding: Decoding, count: number, options: BeamSearchOptions): Promise<(readonly Hypothesis[])[]> {
  const { numBeams, startToken, signal } = options;
  const all = Array.from({ length: count }, () => new Beams(startToken, options));
  const breathe = breather();
  for (let active = all; active.length > 0; active = active.filter(({ done }) => !done)) {
    signal?.throwIfAborted();
    noGrad(() => {
      const sequences = active.flatMap(({ running }) => running.map(({ tokens }) => tokens));
      const logits = decoding.step(intTensor(sequences.map((tokens) => tokens.at(-1) ?? startToken))); // (R, V)
      const logProbs = applyRules(penalize(logSoftmax(logits), sequences, options), sequences, options).data;
      const share = logProbs.length / active.length;
      for (const [i, beams] of active.entries()) beams.advance(logProbs.subarray(i * share, (i + 1) * share));
    });
    decoding.select(active.flatMap(({ done, parents }, i) => (done ? [] : parents.map((parent) => i * numBeams + parent))));
    await breathe();
  }
  return all.map(({ finished }) => finished);
}
