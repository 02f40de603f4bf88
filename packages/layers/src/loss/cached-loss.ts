/**
 * Gradient caching: a loss that compares a large batch's embeddings, in the memory of one chunk. Gao et al. 2021, "Scaling Deep Contrastive Learning Batch
 * Size under Memory Limited Setup". Every chunk is embedded without a tape; the loss gives each embedding's gradient; then every chunk is embedded once
 * more, with a tape, and its gradient walked back.
 */
import { backward } from "../autograd/backward.ts";
import { noGrad, recordAgain } from "../autograd/grad-mode.ts";
import { record } from "../autograd/tape.ts";
import { scaleAndShift } from "../ops/elementwise/arithmetic.ts";
import type { Rng } from "../random.ts";
import { zeros } from "../tensor/create.ts";
import { scope } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * What `loss` of all chunks' embeddings is; its gradient goes to what the chunks are embedded by, one forward pass more.
 * @param chunks each makes its embeddings, twice a step
 * @param loss of the embeddings in the chunks' order. Parameters of its own get their gradients, too
 * @param rngs what dropout draws from: the second time it draws the same. Batch norm takes each chunk's statistics, and averages them twice
 * @returns a scalar ()
 */
export function cachedLoss(
  chunks: readonly (() => Tensor)[],
  loss: (embeddings: readonly Tensor[]) => Tensor,
  rngs: readonly Rng[] = [],
): Tensor {
  const states: number[][] = [];
  const embedded = chunks.map((embed) => {
    states.push(rngs.map(({ state }) => state));
    return noGrad(() => scope(embed));
  });
  const value = noGrad(() => scope(() => loss(embedded)));
  const trained = zeros([]); // stands for the parameters behind the chunks
  trained.requiresGrad = true;
  return record("cachedLoss", value, [trained], (dy) => {
    const leaves = embedded.map((embedding) => {
      const leaf = embedding.view(embedding.shape);
      leaf.requiresGrad = true;
      return leaf;
    });
    recordAgain(() => backward(scaleAndShift(loss(leaves), dy.item(), 0)));
    const after = rngs.map(({ state }) => state);
    const drawFrom = (from: readonly number[]): void => rngs.forEach((rng, i) => (rng.state = from[i] ?? 0));
    for (const [i, embed] of chunks.entries()) {
      const gradient = leaves[i]?.grad;
      drawFrom(states[i] ?? []);
      scope(() =>
        recordAgain(() => {
          const y = embed();
          if (gradient && y.requiresGrad) backward(y, gradient);
        }),
      );
      leaves[i]?.dispose();
    }
    drawFrom(after);
    return []; // every parameter has its gradient already
  });
}
