import type { Rng } from "../random.ts";
import { zeros } from "../tensor/create.ts";
import { own } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { backward } from "./backward.ts";
import { noGrad, recordAgain } from "./grad-mode.ts";
import { record } from "./tape.ts";

/**
 * body(x), of which only x is kept: on the way back it is made again, with a tape. Gradient checkpointing, Chen et al. 2016, "Training Deep Nets with
 * Sublinear Memory Cost", §4: memory of one such part instead of all, for one forward pass more.
 * @param body gets its gradient through x and its parameters only: no other tensor that it uses may lead back to one
 * @param rngs what it draws from: the second time it draws the same
 */
export function recompute(body: (x: Tensor) => Tensor, x: Tensor, rngs: readonly Rng[]): Tensor {
  const states = rngs.map(({ state }) => state);
  const y = noGrad(() => body(x));
  const parameters = zeros([]); // stands for those of body
  parameters.requiresGrad = true;
  return record("recompute", y, [x, parameters], (dy) => {
    const after = rngs.map(({ state }) => state);
    const leaf = x.view(x.shape);
    leaf.requiresGrad = x.requiresGrad;
    for (const [i, rng] of rngs.entries()) rng.state = states[i] ?? 0;
    recordAgain(() => {
      const again = body(leaf);
      if (again.requiresGrad) backward(again, dy);
    });
    for (const [i, rng] of rngs.entries()) rng.state = after[i] ?? 0;
    const dx = leaf.grad;
    leaf.grad = undefined;
    if (dx) own(dx);
    return [dx];
  });
}
