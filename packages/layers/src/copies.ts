/**
 * Two copies of this package in one process, as two versions in one `node_modules` make them: each has an engine of its own, and what one makes means
 * nothing to the other. Classes are marked under a name that all copies know, with a value that only this one has.
 */
const mark = Symbol.for("@x/layers");
const thisCopy = Symbol("this copy of @x/layers");

/** Marks what a class makes as this copy's. */
export function markAsOurs(prototype: object): void {
  Object.defineProperty(prototype, mark, { value: thisCopy });
}

/** Whether a tensor, parameter or module is another copy's. */
export const isOfAnotherCopy = (value: object): boolean => mark in value && value[mark] !== thisCopy;
