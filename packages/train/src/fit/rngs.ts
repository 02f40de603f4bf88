import { ArgumentError, type Rng } from "@x/layers";
import type { Objective } from "../objectives/objective.ts";

/** A generator as a file keeps it. */
export interface RngState {
  readonly seed: number;
  readonly state: number;
}

/** What a training draws from, each once: the model, the objective, and what is given besides. */
export function rngsOf(objective: Pick<Objective<never>, "model" | "rngs">, others: readonly Rng[] = []): Rng[] {
  return [...new Set([...others, ...objective.model.rngs(), ...(objective.rngs ?? [])])];
}

export const rngStates = (rngs: readonly Rng[]): RngState[] => rngs.map(({ seed, state }) => ({ seed, state }));

/** @throws ArgumentError when they are others */
export function restoreRngs(rngs: readonly Rng[], states: readonly RngState[]): void {
  const seeds = (all: readonly { readonly seed: number }[]): string => all.map(({ seed }) => seed).join(", ");
  if (seeds(rngs) !== seeds(states))
    throw new ArgumentError("fit", `what is drawn from must have the seeds of the run, ${seeds(states)}`, `has ${seeds(rngs)}`);
  for (const [i, rng] of rngs.entries()) rng.state = states[i]?.state ?? 0;
}
