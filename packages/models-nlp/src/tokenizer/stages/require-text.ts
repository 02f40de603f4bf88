import { shown } from "@x/layers/model";
import { TokenizerError } from "./tokenizer-error.ts";

/** For what comes from users without types. @param where who wants it: "encode: the text". @throws TokenizerError when it is no string */
export function requireText(value: unknown, where: string): asserts value is string {
  if (typeof value !== "string") throw new TokenizerError(`${where} should be a string, but is ${shown(value)}`);
}
