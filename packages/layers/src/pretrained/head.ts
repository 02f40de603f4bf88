import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { matchesAny, NamePattern } from "../checkpoint/name-pattern.ts";
import { partsOf, type WeightLayout } from "../checkpoint/weight-table.ts";
import { CheckpointError } from "../files/checkpoint-error.ts";
import { fillNormal, fillZeros } from "../nn/initializers.ts";
import type { Module } from "../nn/module.ts";
import type { Rng } from "../random.ts";
import type { Parameter } from "../tensor/parameter.ts";

/** A family's last layer, which gives a number for each class. */
export interface Head<Config> {
  /** Its parameters, as patterns: `classifier.*`. */
  readonly parameters: readonly string[];
  /** The settings that name its classes. */
  classes(names: readonly string[]): Partial<Config>;
}

/** One model's head. */
export interface OwnHead {
  /** By path. None where the model has no head. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** What files call them, as patterns. */
  readonly entries: readonly string[];
}

const patternsOf = (texts: readonly string[]): readonly NamePattern[] => texts.map((text) => new NamePattern(text));

/** @param parameters the family's patterns */
export function headOf(model: Module, parameters: readonly string[], layouts: readonly WeightLayout[]): OwnHead {
  const patterns = patternsOf(parameters);
  const rules = layouts.flatMap(({ table }) => Object.entries(table).filter(([path]) => matchesAny(patterns, path)));
  return {
    parameters: new Map([...model.namedParameters()].filter(([path]) => matchesAny(patterns, path))),
    entries: rules.flatMap(([, rule]) => partsOf(rule).flatMap(({ key, otherKeys = [] }) => [key, ...otherKeys])),
  };
}

/** How every new head begins: weights from N(0, `initializerRange`²), or N(0, 0.02²) where a config has no such setting, and zero biases. */
export function initializeHead({ parameters }: OwnHead, config: object, rng: Rng): void {
  const range = "initializerRange" in config && typeof config.initializerRange === "number" ? config.initializerRange : 0.02;
  for (const [path, parameter] of parameters) {
    if (path.endsWith("bias")) fillZeros(parameter);
    else fillNormal(parameter, rng, range);
  }
}

/** @throws CheckpointError when the model has a head and the checkpoint none at all */
export function checkHead({ parameters, entries }: OwnHead, checkpoint: Checkpoint): void {
  const patterns = patternsOf(entries);
  if (parameters.size === 0 || [...checkpoint.entries.keys()].some((key) => matchesAny(patterns, key))) return;
  const problem = `the checkpoint has no head, so ${[...parameters.keys()].join(" and ")} are missing; for a new one give the names of its classes as \`labels\``;
  throw new CheckpointError(problem, { file: checkpoint.label, expected: entries.join(" or ") });
}
