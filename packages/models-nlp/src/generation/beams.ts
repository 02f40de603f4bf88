import { type BeamOptions, beamSearchEnds, HOPELESS, type Hypothesis } from "./beam-search-end.ts";
import { topCandidates } from "./top-candidates.ts";

/** Beam search for one input, as Hugging Face's library does it, down to when it stops. */
export class Beams {
  /** Always `numBeams`, the best first. */
  running: readonly Hypothesis[];
  /** At most `numBeams`, the best first. */
  finished: readonly Hypothesis[] = [];
  /** Which of the earlier `running` each of them continues. */
  parents: readonly number[] = [];
  /** Whether nothing will change any more. */
  done = false;
  readonly #options: BeamOptions;

  /** All beams are the same at first, so all but one are hopeless. */
  constructor(startToken: number, options: BeamOptions) {
    this.#options = options;
    this.running = Array.from({ length: options.numBeams }, (_, i) => ({ tokens: [startToken], score: i === 0 ? 0 : HOPELESS }));
  }

  /** One token more. @param logProbs (numBeams, V), of what may follow each of `running` */
  advance(logProbs: Float32Array): void {
    const { numBeams, lengthPenalty, ends: endIds, maxLength } = this.#options;
    const kept = Math.max(2, 1 + endIds.length) * numBeams; // so many that numBeams of them go on
    const vocabSize = logProbs.length / numBeams;
    const possible = this.running.flatMap(({ tokens, score }, parent) => {
      const ofParent = logProbs.subarray(parent * vocabSize, (parent + 1) * vocabSize);
      return topCandidates(ofParent, kept).map((token) => ({ tokens, token, parent, score: score + (ofParent[token] ?? 0) }));
    });
    const best = possible.toSorted((a, b) => b.score - a.score).slice(0, kept);
    const candidates = best.map(({ tokens, token, parent, score }) => {
      const longer = [...tokens, token];
      return { tokens: longer, parent, score, ends: endIds.includes(token) || longer.length >= maxLength };
    });
    const generated = (candidates[0]?.tokens.length ?? 0) - 1;

    const goingOn = candidates.map((candidate) => ({ ...candidate, score: candidate.score + (candidate.ends ? HOPELESS : 0) }));
    const running = goingOn.toSorted((a, b) => b.score - a.score).slice(0, numBeams);
    this.running = running.map(({ tokens, score }) => ({ tokens, score }));
    this.parents = running.map(({ parent }) => parent);

    // An end counts among the best numBeams candidates only: the others stand in for it as beams to go on with.
    const ended = candidates.slice(0, numBeams).filter(({ ends }) => ends);
    const added = ended.map(({ tokens, score }) => ({ tokens, score: score / generated ** lengthPenalty }));
    this.finished = [...this.finished, ...added].toSorted((a, b) => b.score - a.score).slice(0, numBeams);

    this.done =
      candidates.every(({ ends }) => ends) || beamSearchEnds(this.running[0]?.score ?? HOPELESS, this.finished, generated, this.#options);
  }
}
