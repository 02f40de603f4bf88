/** What came from outside, checked at the door: options that nobody knows, and values that can't be. */
import { ArgumentError, shown } from "./errors.ts";

/** What a value must be, in words and as a test. */
export interface ValueRule {
  readonly rule: string;
  readonly holds: (value: unknown) => boolean;
}

/** What may not be left out. */
export interface Needed extends ValueRule {
  readonly needed: true;
}

/** A rule for every option that there is. */
export type RulesOf<Options> = { readonly [Name in keyof Options]-?: undefined extends Options[Name] ? ValueRule : Needed };

/**
 * Checks an options object: every name is known, every value as its rule says, and what is needed is there. undefined is as good as absent.
 * @param where who takes the options
 * @throws ArgumentError naming what is wrong, and for an unknown name the one that is likely meant
 */
export function checkOptions<Options extends object>(where: string, options: Options, rules: RulesOf<NoInfer<Options>>): void {
  const known: Readonly<Record<string, ValueRule | Needed>> = rules;
  checkNames(where, options, Object.keys(known));
  for (const [name, value] of Object.entries(options)) {
    const rule = known[name];
    if (rule && value !== undefined && !rule.holds(value)) refuseValue(where, name, rule, value);
  }
  for (const [name, rule] of Object.entries(known)) {
    if ("needed" in rule && !(name in options && Reflect.get(options, name) !== undefined)) refuseValue(where, name, rule, undefined);
  }
}

/** Its first part: the names alone. */
export function checkNames(where: string, options: object, known: readonly string[]): void {
  if (!isPlain(options)) throw new ArgumentError(where, `options are an object of ${known.join(", ")}`, `${shown(options)} came`);
  for (const name in options) if (!known.includes(name)) refuseName(where, name, known);
}

/** The same for arguments by their names, all of which are needed. */
export function checkArguments(where: string, rule: ValueRule, values: Readonly<Record<string, unknown>>): void {
  for (const name in values) if (!rule.holds(values[name])) refuseValue(where, name, rule, values[name]);
}

export const needed = (rule: ValueRule): Needed => ({ ...rule, needed: true });

const number = (rule: string, holds: (value: number) => boolean): ValueRule => ({
  rule,
  holds: (value) => typeof value === "number" && holds(value),
});

export const wholeFrom = (least: number): ValueRule =>
  number(`a whole number from ${least} on`, (value) => Number.isSafeInteger(value) && value >= least);
/** Where Infinity means: no limit. */
export const limitFrom = (least: number): ValueRule =>
  number(`a whole number from ${least} on`, (value) => (Number.isSafeInteger(value) || value === Infinity) && value >= least);
export const aNumber: ValueRule = number("a finite number", Number.isFinite);
export const fromZero: ValueRule = number("a number from 0 on", (value) => value >= 0 && value < Infinity);
export const aboveZero: ValueRule = number("a number above 0", (value) => value > 0);
export const belowOne: ValueRule = number("from 0 up to but not including 1", (value) => value >= 0 && value < 1);
export const aShare: ValueRule = number("from 0 to 1", (value) => value >= 0 && value <= 1);

export const aFlag: ValueRule = { rule: "true or false", holds: (value) => typeof value === "boolean" };
export const aText: ValueRule = { rule: "a string", holds: (value) => typeof value === "string" };
export const aFunction: ValueRule = { rule: "a function", holds: (value) => typeof value === "function" };
export const textsByName: ValueRule = {
  rule: "an object of strings",
  holds: (value) => isPlain(value) && Object.values(value as object).every((text) => typeof text === "string"),
};
export const anObject: ValueRule = { rule: "a plain object", holds: isPlain };
export const oneOf = (...values: readonly (string | boolean | null)[]): ValueRule => ({
  rule: `${values.length > 1 ? "one of " : ""}${values.map((value) => JSON.stringify(value)).join(", ")}`,
  holds: (value) => values.some((one) => one === value),
});
export const many = (item: ValueRule): ValueRule => ({
  rule: `a list, each ${item.rule}`,
  holds: (value) => Array.isArray(value) && value.every(item.holds),
});
/** What has these properties, whichever copy of a package or realm it is from. */
export const shaped = (rule: string, ...names: readonly string[]): ValueRule => ({
  rule,
  holds: (value) => typeof value === "object" && value !== null && names.every((name) => name in value),
});
export const either = (one: ValueRule, other: ValueRule): ValueRule => ({
  rule: `${one.rule}, or ${other.rule}`,
  holds: (value) => one.holds(value) || other.holds(value),
});

export const aSignal: ValueRule = shaped("an AbortSignal", "aborted", "throwIfAborted", "addEventListener");
export const anRng: ValueRule = shaped("an Rng", "seed", "nextStream");
export const aTensor: ValueRule = shaped("a tensor", "dtype", "block");
export const aMap: ValueRule = shaped("a Map", "get", "entries", "size");

/** What `{ … }`, JSON and the like make, of whichever realm. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === null || Object.getPrototypeOf(kind) === null;
}

function refuseValue(where: string, name: string, { rule }: ValueRule, value: unknown): never {
  throw new ArgumentError(where, `${name} must be ${rule}`, `is ${shown(value)}`);
}

function refuseName(where: string, name: string, known: readonly string[]): never {
  const meant = meantBy(name, known);
  const hint = meant === undefined ? "" : `: is ${meant} meant?`;
  throw new ArgumentError(where, `options are ${known.join(", ")}`, `"${name}" came${hint}`);
}

/** What other libraries say. */
const elsewhere: Readonly<Record<string, string>> = { lr: "learningRate", params: "parameters", betas: "beta1 and beta2", r: "rank" };

/** In other letters, a part of it, or a few letters off. */
function meantBy(name: string, known: readonly string[]): string | undefined {
  const other = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  if (other !== undefined && known.some((one) => other.includes(one))) return other;
  const bare = (letters: string): string => letters.replace(/[_-]/g, "").toLowerCase();
  const asked = bare(name);
  const ranked = known
    .map((one) => ({ one, far: distance(asked, bare(one)), within: asked.length > 2 && bare(one).includes(asked) }))
    .sort((a, b) => a.far - b.far);
  return ranked.find(({ far, within }) => within || far <= asked.length / 3)?.one;
}

/** How many letters are to be put in, taken out or exchanged. Levenshtein 1966. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchanged = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, exchanged));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
