/** A contrastive batch as large as wanted in the memory of one chunk: the pairs are embedded in chunks (`cachedLoss`), and compared in as many rows. */
import { add, cachedLoss, concat, crossEntropy, exp, intTensor, matmul, multiply, scaleAndShift, slice, type Tensor } from "@x/layers";
import { recompute } from "@x/layers/model";
import type { CLIP } from "../clip.ts";
import type { ImageTextPairs } from "./pairs.ts";
import { checkPairs } from "./contrastive-loss.ts";

/**
 * What `contrastiveLoss` is for the whole batch; its gradient goes to the model's parameters. N × N similarities are never held, only as many rows
 * as a chunk has pairs.
 *
 * Nothing in the model may draw at random, for the two passes must see the same: no dropout. Batch norm in training takes each chunk's
 * statistics, not the batch's, and averages them twice.
 * @param chunks each makes its pairs, the same ones whenever it is called: twice a step
 * @returns a scalar ()
 */
export function cachedContrastiveLoss(model: CLIP, chunks: readonly (() => ImageTextPairs)[]): Tensor {
  const embedded = chunks.map((makePairs) => () => {
    const { images, inputIds, attentionMask } = makePairs();
    const pair = [model.encodeImages(images), model.encodeTexts(inputIds, attentionMask)] as const; // 2 × (n, E)
    checkPairs(...pair);
    return concat(pair, 0); //                                                                         (2n, E)
  });
  return cachedLoss(embedded, (embeddings) => lossInRows(embeddings, model.logitScale));
}

/** The loss as a sum: each chunk's images among all texts, and its texts among all images. embeddings: (2n, E) each, images before texts → (). */
function lossInRows(embeddings: readonly Tensor[], logitScale: Tensor): Tensor {
  const sizes = embeddings.map(({ shape: [rows = 0] }) => rows / 2);
  const halfOf = (from: number): Tensor =>
    concat(
      embeddings.map((both, i) => slice(both, 0, from * (sizes[i] ?? 0), (from + 1) * (sizes[i] ?? 0))),
      0,
    );
  const count = sum(sizes);
  const all = concat([halfOf(0), halfOf(1)], 0); // (2N, E): images, then texts
  const among = (queries: number, keys: number, first: number, size: number) => (both: Tensor) => {
    const rows = slice(both, 0, queries + first, queries + first + size); //           (n, E)
    const cosines = matmul(rows, slice(both, 0, keys, keys + count), { transposeB: true }); // (n, N)
    const labels = intTensor(Array.from({ length: size }, (_, row) => first + row));
    return scaleAndShift(crossEntropy(multiply(cosines, exp(logitScale)), labels), size / (2 * count), 0);
  };
  return sizes
    .flatMap((size, i) => {
      const first = sum(sizes.slice(0, i));
      return [among(0, count, first, size), among(count, 0, first, size)].map((part) => recompute(part, all, []));
    })
    .reduce((total, part) => add(total, part));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
