import { drawUniform, empty, type Rng } from "@x/layers";
import { aboveZero, anRng, checkOptions, limitFrom, needed, type RulesOf, type ValueRule } from "@x/layers/model";
import { topCandidates } from "./top-candidates.ts";

/** Picks the next token from the log-probabilities of all (V). */
export type Choose = (logProbs: Float32Array) => number;

export interface Sampling {
  /** What the choice is drawn from: the same seed, the same text. */
  readonly rng: Rng;
  /** Log-probabilities are divided by it: below 1 the likely becomes likelier. Default 1. */
  readonly temperature?: number | undefined;
  /** Only so many of the likeliest tokens can be drawn. Default: all. */
  readonly topK?: number | undefined;
  /** Only the likeliest tokens that together have this probability can be drawn. Default 1: all. */
  readonly topP?: number | undefined;
}

const aMass: ValueRule = { rule: "above 0 and at most 1", holds: (value) => typeof value === "number" && value > 0 && value <= 1 };

const rules: RulesOf<Sampling> = { rng: needed(anRng), temperature: aboveZero, topK: limitFrom(1), topP: aMass };

/** The likeliest. */
export const greedy: Choose = (logProbs) => topCandidates(logProbs, 1)[0] ?? 0;

/**
 * Draws a token: temperature, then the topK likeliest (Fan et al. 2018), then the likeliest of those with probability topP together (Holtzman et al. 2020).
 * @throws TensorError when a number makes no sense
 */
export function sampler(sampling: Sampling): Choose {
  checkOptions("sampling", sampling, rules);
  const { rng, temperature = 1, topK = Infinity, topP = 1 } = sampling;
  return (logProbs) => {
    const highest = logProbs.reduce((most, value) => Math.max(most, value), -Infinity);
    const weights = Float64Array.from(logProbs, (value) => Math.exp((value - highest) / temperature));
    const order = topK < weights.length ? topCandidates(weights, topK) : byWeight(weights, topP);
    const drawn = order.slice(0, nucleus(order, weights, topP));
    let left = draw(rng) * drawn.reduce((sum, token) => sum + (weights[token] ?? 0), 0);
    return drawn.find((token) => (left -= weights[token] ?? 0) < 0) ?? drawn[0] ?? 0;
  };
}

/** All tokens; the likeliest first where the order matters. */
function byWeight(weights: Float64Array, topP: number): number[] {
  const tokens = Array.from(weights.keys());
  return topP < 1 ? tokens.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0)) : tokens;
}

/** How many of the likeliest it takes to reach the share topP. */
function nucleus(order: readonly number[], weights: Float64Array, topP: number): number {
  if (topP === 1) return order.length;
  const total = order.reduce((sum, token) => sum + (weights[token] ?? 0), 0);
  let sum = 0;
  return order.findIndex((token) => (sum += weights[token] ?? 0) >= topP * total) + 1 || order.length;
}

/** One number from [0, 1). */
function draw(rng: Rng): number {
  using number = empty([1]);
  drawUniform(number, rng);
  return number.data[0] ?? 0;
}
