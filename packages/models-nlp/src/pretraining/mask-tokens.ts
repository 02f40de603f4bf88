import { type Rng, TensorError } from "@x/layers";
import { aShare, checkOptions, Draws, limitFrom, needed, type RulesOf, shaped, wholeFrom } from "@x/layers/model";

export interface MaskingOptions {
  /** Of [MASK]. */
  readonly maskId: number;
  /** Ids go from 0 to before it: what random words are drawn from. */
  readonly vocabSize: number;
  /** Ids that are never chosen: [CLS], [SEP], padding. */
  readonly specialIds: ReadonlySet<number>;
  /** Share of the other tokens that is to be predicted, rounded, at least one. Default 0.15. */
  readonly share?: number | undefined;
  /** Most tokens to predict in one text. Default: no limit. */
  readonly maxPredictions?: number | undefined;
}

export const maskingRules: RulesOf<MaskingOptions> = {
  maskId: needed(wholeFrom(0)),
  vocabSize: needed(wholeFrom(1)),
  specialIds: needed(shaped("a Set", "has", "size")),
  share: aShare,
  maxPredictions: limitFrom(0),
};

/** A text for masked language modelling. */
export interface MaskedTokens {
  readonly ids: readonly number[];
  /** What stood there before, where it is to be predicted; −100 elsewhere. */
  readonly labels: readonly number[];
}

/** Label of the tokens that aren't predicted: `crossEntropy` passes over them. */
const IGNORED = -100;

/**
 * Chooses 15 % of a text's tokens to be predicted. Of these, 80 % become [MASK], 10 % a random token, 10 % stay as they are, so that a model
 * never knows which words it can trust. Devlin et al. 2019, §3.1, "Masked LM", and appendix A.1.
 *
 * @param wordIds the number of each token's word, as an `Encoding` has them, null for none: then words are chosen whole, with all their
 * neighbouring pieces (whole-word masking, the authors' code). Default: each token for itself.
 * @throws TensorError when there aren't as many wordIds as ids
 */
export function maskTokens(ids: readonly number[], options: MaskingOptions, rng: Rng, wordIds?: readonly (number | null)[]): MaskedTokens {
  checkOptions("maskTokens", options, maskingRules);
  const { maskId, vocabSize, specialIds, share = 0.15, maxPredictions = Infinity } = options;
  if (wordIds && wordIds.length !== ids.length) {
    throw new TensorError(
      `maskTokens: there must be a word for each token, but there are ${wordIds.length} words and ${ids.length} tokens`,
    );
  }
  const draws = new Draws(rng);
  const masked = [...ids];
  const labels = ids.map(() => IGNORED);
  const words = wordsOf(ids, specialIds, wordIds);
  const numTokens = words.reduce((sum, word) => sum + word.length, 0);
  let room = Math.min(numTokens, maxPredictions, Math.max(1, Math.round(share * numTokens)));
  for (const word of draws.shuffled(words)) {
    if (room === 0) break;
    if (word.length > room) continue; // a shorter word may still fit
    room -= word.length;
    for (const i of word) {
      labels[i] = ids[i] ?? IGNORED;
      const chance = draws.next();
      if (chance < 0.8) masked[i] = maskId;
      else if (chance < 0.9) masked[i] = draws.below(vocabSize);
    }
  }
  return { ids: masked, labels };
}

/** The places of each word's tokens: neighbours with the same number are one. */
function wordsOf(ids: readonly number[], specialIds: ReadonlySet<number>, wordIds: readonly (number | null)[] | undefined): number[][] {
  const words: number[][] = [];
  for (const [i, id] of ids.entries()) {
    if (specialIds.has(id)) continue;
    const word = wordIds?.[i] ?? null;
    const last = words.at(-1);
    if (last && word !== null && last.at(-1) === i - 1 && wordIds?.[i - 1] === word) last.push(i);
    else words.push([i]);
  }
  return words;
}
