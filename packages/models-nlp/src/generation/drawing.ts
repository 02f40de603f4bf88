/** Which tokens can be drawn, and how likely: the cuts, one after the other, in the order and with the names of Hugging Face's library. */
import { aboveZero, aShare, belowOne, limitFrom, type RulesOf, type ValueRule } from "@x/layers/model";
import { topCandidates } from "./top-candidates.ts";

export interface Drawing {
  /** Log-probabilities are divided by it: below 1 the likely becomes likelier. Default 1. */
  readonly temperature?: number | undefined;
  /** Only so many of the likeliest tokens can be drawn. Fan et al. 2018. Default: all. */
  readonly topK?: number | undefined;
  /** Only the likeliest tokens that together have this probability can be drawn. Holtzman et al. 2020. Default 1: all. */
  readonly topP?: number | undefined;
  /** Only tokens with at least this share of the likeliest's probability. Nguyen et al. 2024. Default 0: all. */
  readonly minP?: number | undefined;
  /** Only the tokens whose surprise is nearest to what is expected, that together have this probability. Meister et al. 2023. Default 1: all. */
  readonly typicalP?: number | undefined;
  /** Only tokens of at least this probability. Hewitt et al. 2022, §3. Default 0: all. */
  readonly epsilonCutoff?: number | undefined;
  /** The same, and less where much is likely: √η · exp(−entropy), if that is below η. Hewitt et al. 2022, §4. Default 0: all. */
  readonly etaCutoff?: number | undefined;
}

const aMass: ValueRule = { rule: "above 0 and at most 1", holds: (value) => typeof value === "number" && value > 0 && value <= 1 };

export const drawingRules: RulesOf<Drawing> = {
  temperature: aboveZero,
  topK: limitFrom(1),
  topP: aMass,
  minP: aShare,
  typicalP: aMass,
  epsilonCutoff: belowOne,
  etaCutoff: belowOne,
};

export interface Candidate {
  readonly token: number;
  readonly probability: number;
}

/** What is left of some candidates, at least one. Both have the likeliest first, and probabilities that sum to 1. */
type Cut = (candidates: readonly Candidate[]) => readonly Candidate[];

/** Log-probabilities (V) → the tokens that can be drawn. */
export function candidatesOf(logProbs: Float32Array, drawing: Drawing): readonly Candidate[] {
  const { temperature = 1, topK = Infinity, topP = 1, minP = 0, typicalP = 1, epsilonCutoff = 0, etaCutoff = 0 } = drawing;
  const cuts: Cut[] = [];
  if (topP < 1) cuts.push((candidates) => byMass(candidates, topP));
  if (minP > 0) cuts.push((candidates) => fromOn(candidates, minP * (candidates[0]?.probability ?? 0)));
  if (typicalP < 1) cuts.push((candidates) => typical(candidates, typicalP));
  if (epsilonCutoff > 0) cuts.push((candidates) => fromOn(candidates, epsilonCutoff));
  if (etaCutoff > 0)
    cuts.push((candidates) => fromOn(candidates, Math.min(etaCutoff, Math.sqrt(etaCutoff) * Math.exp(-entropyOf(candidates)))));
  const order = topK < logProbs.length ? topCandidates(logProbs, topK) : allOf(logProbs, cuts.length > 0);
  const highest = order.reduce((most, token) => Math.max(most, logProbs[token] ?? -Infinity), -Infinity);
  const all = order.map((token) => ({ token, probability: Math.exp(((logProbs[token] ?? -Infinity) - highest) / temperature) }));
  return cuts.reduce((candidates, cut) => normalized(cut(candidates)), normalized(all));
}

/** All tokens; the likeliest first where the order matters. */
function allOf(logProbs: Float32Array, inOrder: boolean): number[] {
  const tokens = Array.from(logProbs.keys());
  return inOrder ? tokens.sort((a, b) => (logProbs[b] ?? 0) - (logProbs[a] ?? 0)) : tokens;
}

function normalized(candidates: readonly Candidate[]): readonly Candidate[] {
  const total = candidates.reduce((sum, { probability }) => sum + probability, 0);
  return candidates.map(({ token, probability }) => ({ token, probability: probability / total }));
}

const fromOn = (candidates: readonly Candidate[], least: number): readonly Candidate[] =>
  candidates.filter(({ probability }, i) => i === 0 || probability >= least);

/** The first ones that together have the mass. */
function byMass(candidates: readonly Candidate[], mass: number): readonly Candidate[] {
  let sum = 0;
  const last = candidates.findIndex(({ probability }) => (sum += probability) >= mass);
  return last < 0 ? candidates : candidates.slice(0, last + 1);
}

function typical(candidates: readonly Candidate[], mass: number): readonly Candidate[] {
  const entropy = entropyOf(candidates);
  const strangeness = ({ probability }: Candidate): number => Math.abs(-Math.log(probability) - entropy);
  const kept = new Set(
    byMass(
      candidates.toSorted((a, b) => strangeness(a) - strangeness(b)),
      mass,
    ),
  );
  return candidates.filter((candidate) => kept.has(candidate));
}

const entropyOf = (candidates: readonly Candidate[]): number =>
  candidates.reduce((sum, { probability }) => sum - (probability > 0 ? probability * Math.log(probability) : 0), 0);
