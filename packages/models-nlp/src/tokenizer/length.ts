/** Which tokens of a text, or a pair, stay when there is room for only so many. */
import { limitFrom, oneOf, type RulesOf } from "@x/layers/model";
import type { EncodeOptions, Truncation } from "./encoding.ts";

const truncations = ["error", "longestFirst", "first", "second"] as const satisfies Truncation[];

/** What is asked of a text's length. */
export const lengthRules: RulesOf<Pick<EncodeOptions, "maxLength" | "truncation">> = {
  maxLength: limitFrom(0),
  truncation: oneOf(...truncations),
};

/**
 * How many tokens of the first and the second text stay, of `room` without the special ones.
 * @returns undefined when the text that is to be cut would have to vanish
 */
export function keptLengths(
  first: number,
  second: number,
  room: number,
  truncation: Exclude<Truncation, "error">,
): [first: number, second: number] | undefined {
  const excess = first + second - room;
  if (excess <= 0) return [first, second];
  if (truncation === "longestFirst") return room > 0 ? longestFirst(first, second, room) : undefined;
  if (truncation === "first") return first > excess ? [first - excess, second] : undefined;
  return second > excess ? [first, second - excess] : undefined;
}

/** The longer text gives until both are alike; then both. */
function longestFirst(first: number, second: number, room: number): [number, number] {
  const shorter = Math.min(first, second);
  let [low, high] = [shorter, shorter > room ? shorter : Math.max(shorter, room - shorter)];
  if (low + high > room) [low, high] = [Math.floor(room / 2), Math.floor(room / 2) + (room % 2)];
  return first > second ? [high, low] : [low, high];
}

/** Windows [begin, end) of at most `size` over `length` tokens, neighbours sharing `stride`. At least one. */
export function windowsOf(length: number, size: number, stride: number): [begin: number, end: number][] {
  const windows: [number, number][] = [];
  for (let begin = 0; ; begin += size - stride) {
    const end = Math.min(begin + size, length);
    windows.push([begin, end]);
    if (end === length) return windows;
  }
}
