import { matchesAny, NamePattern } from "../checkpoint/name-pattern.ts";
import { partsOf, type WeightLayout } from "../checkpoint/weight-table.ts";
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

/**
 * How a head begins that no file fills: weights from N(0, `initializerRange`²), or N(0, 0.02²) where a config has no such setting, and zero biases.
 * @param paths which of its parameters
 */
export function initializeHead({ parameters }: OwnHead, paths: readonly string[], config: object, rng: Rng): void {
  const range = "initializerRange" in config && typeof config.initializerRange === "number" ? config.initializerRange : 0.02;
  for (const [path, parameter] of parameters) {
    if (!paths.includes(path)) continue;
    if (path.endsWith("bias")) fillZeros(parameter);
    else fillNormal(parameter, rng, range);
  }
}
