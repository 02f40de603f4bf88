import { aboveZero, checkArguments } from "../options.ts";
import { kernels } from "../tensor/engine.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { gradientNorm } from "./gradient-norm.ts";

/**
 * Scales all gradients by one factor so that their common L2 norm is at most `maximum`. Pascanu, Mikolov & Bengio 2013, algorithm 1.
 * @param names what an error calls the parameters
 * @returns the norm before
 * @throws TensorError naming the first parameter whose gradient isn't finite; nothing is scaled then
 */
export function clipGradientNorm(parameters: readonly Parameter[], maximum: number, names?: ReadonlyMap<Parameter, string>): number {
  checkArguments("clipGradientNorm", aboveZero, { maximum });
  const norm = gradientNorm("clipGradientNorm", parameters, names);
  if (norm > maximum) {
    const factor = maximum / (norm + 1e-6);
    for (const { grad } of parameters) if (grad) kernels().scaleAndShift({ x: grad, y: grad, scale: factor, shift: 0, size: grad.size });
  }
  return norm;
}
