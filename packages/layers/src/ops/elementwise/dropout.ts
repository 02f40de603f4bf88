import { record } from "../../autograd/record.ts";
import type { Rng } from "../../random.ts";
import { engine } from "../../tensor/engine.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { multiply } from "./arithmetic.ts";

/**
 * x · m / (1 − p) with m drawn from Bernoulli(1 − p) for each element. Srivastava et al. 2014. The mask is never stored: the backward pass draws
 * the same stream again.
 */
export function dropout(x: Tensor, p: number, rng: Rng): Tensor {
  const stream = rng.nextStream();
  const masked = (from: Tensor): Tensor => {
    const to = empty(from.shape);
    engine().launch("dropout", from.size, 16, from.pointer, to.pointer, 1 - p, rng.seed, stream);
    return to;
  };
  return record("dropout", masked(x), [x], (dy) => [() => masked(dy)]);
}

/** x · m / (1 − p) with one m for each sample of x (B, …). Huang et al. 2016, eq. 2. */
export function dropPath(x: Tensor, p: number, rng: Rng): Tensor {
  const [batch = 0] = x.shape;
  const factors = empty([batch, ...x.shape.slice(1).map(() => 1)]); // (B, 1, …)
  engine().launch("bernoulli", batch, 16, factors.pointer, 1 - p, 1 / (1 - p), rng.seed, rng.nextStream());
  return multiply(x, factors);
}
