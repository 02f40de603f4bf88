/**
 * Gradient caching: a contrastive batch as large as wanted in the memory of one chunk. Gao et al. 2021, "Scaling Deep Contrastive Learning Batch
 * Size under Memory Limited Setup". Every chunk is embedded without a tape; the loss over all embeddings gives the gradient of each; then every chunk
 * is embedded once more, with a tape, and its gradient walked back. One forward pass more, and the gradients are those of one pass.
 */
import {
  backward,
  concat,
  crossEntropy,
  exp,
  intTensor,
  matmul,
  multiply,
  noGrad,
  scaleAndShift,
  scope,
  slice,
  tensor,
  type Tensor,
  zeros,
} from "@x/layers";
import { record, recordAgain } from "@x/layers/model";
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
  const embedded = chunks.map((makePairs) =>
    noGrad(() => {
      const { images, inputIds, attentionMask } = makePairs();
      return [model.encodeImages(images), model.encodeTexts(inputIds, attentionMask)] as const;
    }),
  );
  const images = concat(
    embedded.map(([image]) => image),
    0,
  ); //                     (N, E)
  const texts = concat(
    embedded.map(([, text]) => text),
    0,
  ); //                      (N, E)
  const sizes = embedded.map(([image]) => image.shape[0] ?? 0);
  for (const pair of embedded) for (const embedding of pair) embedding.dispose();
  checkPairs(images, texts);
  const loss = tensor(noGrad(() => sum(lossParts(images, texts, model.logitScale, sizes, (part) => part.item()))));
  const trained = zeros([]); // stands for the model's parameters, or an adapter's, which the model doesn't have
  trained.requiresGrad = true;
  return record("cachedContrastiveLoss", loss, [trained], (dy) => {
    const scale = dy.item();
    const [dImages, dTexts] = embeddingGradients(model, images, texts, sizes, scale);
    for (const [i, makePairs] of chunks.entries()) {
      const first = sum(sizes.slice(0, i));
      const rows = (gradient: Tensor): Tensor => slice(gradient, 0, first, first + (sizes[i] ?? 0));
      scope(() => {
        const pairs = makePairs();
        recordAgain(() => walkBack(model.encodeImages(pairs.images), rows(dImages)));
        recordAgain(() => walkBack(model.encodeTexts(pairs.inputIds, pairs.attentionMask), rows(dTexts)));
      });
    }
    return []; // every parameter has its gradient already
  });
}

/** The embeddings' gradients (N, E); the logit scale gets its own at once. */
function embeddingGradients(model: CLIP, images: Tensor, texts: Tensor, sizes: readonly number[], scale: number): [Tensor, Tensor] {
  const [imageLeaf, textLeaf] = [images.view(images.shape), texts.view(texts.shape)];
  imageLeaf.requiresGrad = textLeaf.requiresGrad = true;
  recordAgain(() => void lossParts(imageLeaf, textLeaf, model.logitScale, sizes, (part) => backward(scaleAndShift(part, scale, 0))));
  return [imageLeaf.grad ?? zeros(images.shape), textLeaf.grad ?? zeros(texts.shape)];
}

/** The loss as a sum: each chunk's images among all texts, then each chunk's texts among all images. */
function lossParts<T>(images: Tensor, texts: Tensor, logitScale: Tensor, sizes: readonly number[], use: (part: Tensor) => T): T[] {
  const count = sum(sizes);
  const among = (queries: Tensor, keys: Tensor): T[] =>
    sizes.map((size, i) =>
      scope(() => {
        const first = sum(sizes.slice(0, i));
        const cosines = matmul(slice(queries, 0, first, first + size), keys, { transposeB: true }); // (n, N)
        const labels = intTensor(Array.from({ length: size }, (_, row) => first + row));
        const loss = crossEntropy(multiply(cosines, exp(logitScale)), labels);
        return use(scaleAndShift(loss, size / (2 * count), 0));
      }),
    );
  return [...among(images, texts), ...among(texts, images)];
}

/** A frozen encoder leaves nothing to walk back over. */
function walkBack(y: Tensor, dy: Tensor): void {
  if (y.requiresGrad) backward(y, dy);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
