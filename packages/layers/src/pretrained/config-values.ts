/** What a setting may be. Its name says it, since all have Hugging Face's names: counts end in Size, Layers or Heads, ids in Id, chances in Dropout, Prob or Rate. */
import { ArgumentError, shown } from "../errors.ts";
import { checkNames } from "../options.ts";
import { activationNames } from "../ops/elementwise/activate.ts";
import { problemTypes } from "./problem-type.ts";

/** The values of settings that are one of a few words, and settings of which there may be two, height and width. */
export type Choices<Config> = { readonly [Name in keyof Config]?: readonly string[] | "sides" | undefined };

const whole = (least: number) => (value: number) => Number.isInteger(value) && value >= least && value < 2 ** 31;

/** What a number is, by its name: the first line that fits counts. */
const numbers: readonly (readonly [names: RegExp, expected: string, fits: (value: number) => boolean])[] = [
  [/^imageSize$/, "a side of 1 to 65536 pixels", (value) => whole(1)(value) && value <= 65_536],
  [/(Layers|Labels|Tokens|ocabSize|TokenId|layers|depths)$/, "a whole number from 0 on", whole(0)],
  [/(Size|Dims?|Heads|Buckets|Channels|Embeddings|dModel|width|localAttention)$/, "a whole number from 1 on", whole(1)],
  [/([dD]ropout|Prob|Rate|maskRatio)$/, "a number from 0 to 1", (value) => value >= 0 && value <= 1],
  [/Theta$/, "a number above 0", (value) => value > 0 && value < Infinity],
  [/(Eps|Range|Std|mlpRatio)$/, "a number from 0 on", (value) => value >= 0 && value < Infinity],
];

export interface ConfigProblem {
  readonly name: string;
  readonly expected: string;
  readonly value: unknown;
}

/** The first setting that makes no sense. @param defaults its usual values, which say of what kind it is; undefined and null say nothing */
export function configProblem<Config extends object>(
  config: Config,
  defaults: Config,
  choices: Choices<Config> = {},
): ConfigProblem | undefined {
  const [usual, words] = [new Map<string, unknown>(Object.entries(defaults)), new Map<string, unknown>(Object.entries(choices))];
  for (const [name, value] of Object.entries(config)) {
    const expected = expectedOf(name, value, usual.get(name) ?? undefined, words.get(name));
    if (expected !== undefined) return { name, expected, value };
  }
  return undefined;
}

/** What a value should have been; undefined when it is right. */
function expectedOf(name: string, value: unknown, usual: unknown, choices: unknown): string | undefined {
  if (value === undefined || value === null) return usual === undefined ? undefined : kindOf(usual);
  const words = name === "problemType" ? problemTypes : /[aA]ct$|^activationFunction$/.test(name) ? activationNames : choices;
  if (Array.isArray(words) && Array.isArray(usual))
    return Array.isArray(value) && value.every((one) => words.includes(one)) ? undefined : `a list of ${words.join(", ")}`;
  if (Array.isArray(words)) return words.includes(value) ? undefined : words.join(", ");
  const [, expected = "a finite number", fits = Number.isFinite] = numbers.find(([names]) => names.test(name)) ?? [];
  const holds = (one: unknown): boolean => typeof one === "number" && fits(one);
  if (choices === "sides" && Array.isArray(value))
    return value.length === 2 && value.every(holds) ? undefined : `${expected}, or two, of height and width`;
  if (typeof usual === "number" || (usual === undefined && expected !== "a finite number")) return holds(value) ? undefined : expected;
  if (Array.isArray(usual) && typeof usual[0] === "number")
    return Array.isArray(value) && value.every(holds) ? undefined : `a list, each ${expected}`;
  return usual === undefined || kindOf(value) === kindOf(usual) ? undefined : kindOf(usual);
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : typeof value);

/**
 * A model's settings: what is given, and for what is left out or undefined the defaults.
 * @param where the model's class, for messages
 * @throws ArgumentError naming the first that makes no sense, or that no such model has
 */
export function completed<Config extends object>(
  where: string,
  defaults: Config,
  given: Partial<Config>,
  choices?: Choices<Config>,
): Config {
  checkNames(where, given, Object.keys(defaults));
  const config = { ...defaults, ...withoutUndefined(given) };
  const problem = configProblem(config, defaults, choices);
  if (problem) throw new ArgumentError(where, `${problem.name} must be ${problem.expected}`, `is ${shown(problem.value)}`);
  return config;
}

/** What is left out says as much. */
export function withoutUndefined<Given extends object>(given: Given): Given {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given;
}
