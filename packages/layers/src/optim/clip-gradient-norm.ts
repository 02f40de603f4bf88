import { engine } from "../tensor/engine.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { empty } from "../tensor/tensor.ts";

const BLOCK = 4096; // elements that one partial sum covers

/**
 * Scales all gradients by one factor so that their common L2 norm is at most `maximum`. Pascanu, Mikolov & Bengio 2013, algorithm 1.
 * @returns the norm before
 */
export function clipGradientNorm(parameters: readonly Parameter[], maximum: number): number {
  const norm = Math.sqrt(parameters.reduce((sum, { grad }) => sum + (grad ? sumOfSquares(grad.pointer, grad.size) : 0), 0));
  if (norm > maximum) {
    const factor = maximum / (norm + 1e-6);
    for (const { grad } of parameters) if (grad) engine().launch("scaleAndShift", grad.size, 2, grad.pointer, grad.pointer, factor, 0);
  }
  return norm;
}

function sumOfSquares(pointer: number, size: number): number {
  const blocks = Math.ceil(size / BLOCK);
  using partials = empty([2 * blocks]); // float64 each
  using total = empty([1]);
  engine().launch("sumOfSquaresPartials", blocks, BLOCK, pointer, partials.pointer, size);
  engine().launch("sumOfPartials", 1, blocks, partials.pointer, total.pointer, size);
  return total.item();
}
