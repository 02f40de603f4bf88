import { TokenizerError } from "./tokenizer-error.ts";

/** For what comes from users without types. @param where who wants it: "encode: the text". @throws TokenizerError when it is no string */
export function requireText(value: unknown, where: string): asserts value is string {
  if (typeof value !== "string") throw new TokenizerError(`${where} should be a string, but is ${shown(value)}`);
}

/** A value from outside in a few words. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value).slice(0, 100);
}
