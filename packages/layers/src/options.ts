/** What came as options, checked at the door: names that nobody knows, and numbers that can't be. */
import { ArgumentError, shown } from "./errors.ts";

/**
 * @param where who takes the options
 * @param known the names there are
 * @param meant what other libraries call them
 * @throws ArgumentError when options aren't an object, or one has another name
 */
export function checkOptions(
  where: string,
  options: unknown,
  known: readonly string[],
  meant: Readonly<Record<string, string>> = {},
): void {
  if (typeof options !== "object" || options === null)
    throw new ArgumentError(where, `options are an object of ${known.join(", ")}`, `${shown(options)} came`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const likely = meant[name] ?? name.replace(/[_-]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    const hint = known.some((one) => likely.includes(one)) ? `: ${likely} is meant` : "";
    throw new ArgumentError(where, `options are ${known.join(", ")}`, `"${name}" came${hint}`);
  }
}

/** What a number must be, in words and as a test. */
export interface NumberRule {
  readonly rule: string;
  readonly holds: (value: number) => boolean;
}

export const wholeFrom = (least: number): NumberRule => ({
  rule: `a whole number from ${least} on`,
  holds: (value) => Number.isSafeInteger(value) && value >= least,
});
export const fromZero: NumberRule = { rule: "a number from 0 on", holds: (value) => value >= 0 && value < Infinity };
export const positive: NumberRule = { rule: "a number above 0", holds: (value) => value > 0 };
export const belowOne: NumberRule = { rule: "from 0 up to but not including 1", holds: (value) => value >= 0 && value < 1 };

/** @throws ArgumentError when one of the values isn't such a number */
export function checkNumbers(where: string, { rule, holds }: NumberRule, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "number" || !holds(value)) throw new ArgumentError(where, `${name} must be ${rule}`, `is ${shown(value)}`);
  }
}
