import { ArgumentError } from "@x/layers";

/** @throws ArgumentError where one of two lists, that belong together, has more than the other */
export function checkPairs(where: string, guesses: ArrayLike<unknown>, right: ArrayLike<unknown>): void {
  if (guesses.length !== right.length)
    throw new ArgumentError(where, "each guess stands beside what is right", `${guesses.length} guesses and ${right.length} others came`);
}
