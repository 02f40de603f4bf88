import { rankOf, ratio } from "./classification.ts";

export interface RetrievalScores {
  /** Share of the queries whose own stands first, among the first 5, among the first 10. */
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly recallAt10: number;
  /** Mean of 1 / (place of the own, from 1 on). */
  readonly meanReciprocalRank: number;
}

/** Of similarities (queries × candidates), candidate i being query i's own. */
export function retrievalScores(similarities: readonly ArrayLike<number>[]): RetrievalScores {
  const ranks = similarities.map(rankOf);
  const within = (k: number): number => ratio(ranks.filter((rank) => rank < k).length, ranks.length);
  const reciprocal = ranks.reduce((sum, rank) => sum + 1 / (rank + 1), 0);
  return { recallAt1: within(1), recallAt5: within(5), recallAt10: within(10), meanReciprocalRank: ratio(reciprocal, ranks.length) };
}
