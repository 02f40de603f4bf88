/** Thrown by an op whose operands don't fit: names the op, the rule, and every shape. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";

  /**
   * @param op the op's name
   * @param rule what must hold, in words
   * @param shapes what came, by operand name
   */
  constructor(op: string, rule: string, shapes: Readonly<Record<string, readonly number[] | undefined>>) {
    const found = Object.entries(shapes).flatMap(([operand, shape]) => (shape ? [`${operand} is ${formatShape(shape)}`] : []));
    super(`${op}: ${rule}, but ${found.join(", ")}`);
  }
}

/** Thrown when a tensor, scope or tape is used in a way that its lifetime or kind forbids. */
export class TensorError extends Error {
  override readonly name = "TensorError";
}

/** `(2, 3)`, as Python prints it. */
export const formatShape = (shape: readonly number[]): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
