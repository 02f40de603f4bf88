import { XError } from "@x/core-wasm";
import { isOfAnotherCopy } from "./copies.ts";

/** Thrown when a tensor, scope, tape, layer or option is used in a way that its lifetime or kind forbids. */
export class TensorError extends XError {
  override readonly name: string = "TensorError";
}

/** Thrown by an op whose operands don't fit: names the op, the rule, and every shape. */
export class ShapeError extends TensorError {
  override readonly name = "ShapeError";

  /**
   * @param op the op's name
   * @param rule what must hold, in words
   * @param shapes what came, by operand name
   */
  constructor(op: string, rule: string, shapes: Readonly<Record<string, readonly number[] | undefined>>) {
    const operands = Object.entries(shapes).flatMap(([operand, shape]) => (shape ? [`${operand} is ${formatShape(shape)}`] : []));
    const found = operands.join(", ");
    super(`${op}: ${rule}, but ${found}`, { where: op, expected: rule, found });
  }
}

/** Thrown when a number, an option or an argument isn't what it must be: names who asked, the rule, and what came. */
export class ArgumentError extends TensorError {
  override readonly name = "ArgumentError";

  /**
   * @param where who asked: an op, a class, a task
   * @param rule what must hold, in words
   * @param found what came, to be read after "but": `is −1`
   */
  constructor(where: string, rule: string, found: string) {
    super(`${where}: ${rule}, but ${found}`, { where, expected: rule, found });
  }
}

/** `(2, 3)`, as Python prints it. */
export const formatShape = (shape: readonly number[]): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** A class's own name for its values, of whichever realm: `Uint8Array`, `Map`, `Promise`. */
export const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** By its kind, not its class: what Node throws under Jest is of another realm. */
export const isError = (value: unknown): value is Error => ["Error", "DOMException"].includes(kindOf(value));

/** A value from outside, fit for a message: `"0.1"`, `NaN`, `[1, 2]`, `an AdamW`. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
  if (typeof value === "function")
    return /^class\b/.test(Function.prototype.toString.call(value)) ? `the class ${value.name}` : "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (kindOf(value) === "Promise") return "a promise (is an await missing?)";
  const kind: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  const name = typeof kind === "string" ? `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}` : "an object";
  return isOfAnotherCopy(value)
    ? `${name} of another copy of @x/layers, with an engine of its own (\`npm ls @x/layers\` tells where from)`
    : name;
}
