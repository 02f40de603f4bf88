import { intTensor, logSoftmax, noGrad } from "@x/layers";
import { breather } from "@x/layers/model";
import type { Choose } from "./choose.ts";
import type { Decoding } from "./decoding.ts";
import { applyRules, penalize, type Rules } from "./rules.ts";

export interface StepwiseOptions extends Rules {
  readonly startToken: number;
  readonly choose: Choose;
  readonly signal?: AbortSignal | undefined;
}

/** A token that was just written. */
export interface Written {
  /** Which of the sequences it belongs to. */
  readonly sequence: number;
  readonly token: number;
  readonly logProb: number;
}

/**
 * Writes `count` sequences token by token, every sequence until its end token or `maxLength`; yields what each step adds. Sequences that have ended leave the batch.
 * @throws the signal's reason when aborted
 */
export async function* stepwise(decoding: Decoding, count: number, options: StepwiseOptions): AsyncGenerator<Written[], void, void> {
  const { startToken, choose, signal, ends, maxLength } = options;
  const breathe = breather();
  let active = Array.from({ length: count }, (_, sequence) => ({ sequence, tokens: [startToken] }));
  while (active.length > 0 && (active[0]?.tokens.length ?? 0) < maxLength) {
    signal?.throwIfAborted();
    const written = noGrad(() => {
      const logits = decoding.step(intTensor(active.map(({ tokens }) => tokens.at(-1) ?? startToken))); // (R, V)
      const sequences = active.map(({ tokens }) => tokens);
      const logProbs = applyRules(logSoftmax(penalize(logits, sequences, options)), sequences, options).toTypedArray();
      return active.map(({ sequence }, row) => {
        const scores = logProbs.subarray((row * logProbs.length) / active.length, ((row + 1) * logProbs.length) / active.length);
        const token = choose(scores);
        return { sequence, token, logProb: scores[token] ?? -Infinity };
      });
    });
    for (const [row, { tokens }] of active.entries()) tokens.push(written[row]?.token ?? startToken);
    const staying = active.flatMap(({ tokens }, row) => (ends.includes(tokens.at(-1) ?? startToken) ? [] : [row]));
    decoding.select(staying);
    active = staying.flatMap((row) => active[row] ?? []);
    yield written;
    await breathe();
  }
}
