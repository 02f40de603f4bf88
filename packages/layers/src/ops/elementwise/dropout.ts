import { anRng, belowOne, checkArguments } from "../../options.ts";
import { record } from "../../autograd/tape.ts";
import type { Rng } from "../../random.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * x · m / (1 − p) with m drawn from Bernoulli(1 − p) for each element. Srivastava et al. 2014. The mask is never stored: the backward pass draws
 * the same stream again.
 */
export function dropout(x: Tensor, p: number, rng: Rng): Tensor {
  checkFloats("dropout", { x });
  checkArguments("dropout", belowOne, { p });
  checkArguments("dropout", anRng, { rng });
  const stream = rng.nextStream();
  const masked = (from: Tensor): Tensor => {
    const to = empty(from.shape);
    kernels().dropout({ x: from, y: to, keep: 1 - p, seed: rng.seed, stream, size: from.size });
    return to;
  };
  return record("dropout", masked(x), [x], (dy) => [() => masked(dy)]);
}
