/** What brings embeddings of things that belong together near each other. */
import {
  add,
  binaryCrossEntropy,
  crossEntropy,
  intTensor,
  matmul,
  mean,
  meanSquaredError,
  multiply,
  normalize,
  relu,
  scaleAndShift,
  ShapeError,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  transpose,
} from "@x/layers";

export interface RankingOptions {
  /** What cosines are multiplied with before softmax. Default 20. */
  readonly scale?: number | undefined;
}

/**
 * Every anchor shall find its own candidate, number i of each, among those of the whole batch: cross-entropy of scaled cosines. Henderson et al. 2017, §4.4;
 * sentence-transformers' `MultipleNegativesRankingLoss`. anchors (B, E), candidates (M, E), M ≥ B: those beyond B belong to none → ()
 */
export function rankingLoss(anchors: Tensor, candidates: Tensor, { scale = 20 }: RankingOptions = {}): Tensor {
  const [count = 0, width = 0] = anchors.shape;
  if (candidates.shape.length !== 2 || candidates.shape[1] !== width || (candidates.shape[0] ?? 0) < count)
    throw new ShapeError("rankingLoss", "each of the anchors (B, E) needs a candidate", {
      anchors: anchors.shape,
      candidates: candidates.shape,
    });
  const cosines = matmul(normalize(anchors), normalize(candidates), { transposeB: true }); // (B, M)
  return crossEntropy(scaleAndShift(cosines, scale, 0), places(count));
}

/** Both ways: rows of logits (N, N) find their own column, and columns their row. Radford et al. 2021, §2.3. → () */
export function contrastiveLoss(logits: Tensor): Tensor {
  const own = places(logits.shape[0] ?? 0);
  return scaleAndShift(add(crossEntropy(logits, own), crossEntropy(transpose(logits), own)), 0.5, 0);
}

/**
 * Each of the logits (N, N) is a yes or no by itself: whether row and column belong together, which those of one number do. Mean over the rows of the sums.
 * Zhai et al. 2023, §3.2, algorithm 1. → ()
 */
export function pairwiseLoss(logits: Tensor): Tensor {
  const [count = 0] = logits.shape;
  const belong = Float32Array.from({ length: count ** 2 }, (_, i) => (i % (count + 1) === 0 ? 1 : 0));
  return scaleAndShift(binaryCrossEntropy(logits, tensor(belong, [count, count])), count, 0);
}

/** Mean squared error of cosines to what they should be: first and second (B, E), scores (B) → (). Reimers & Gurevych 2019, §3, "Regression Objective Function" */
export function cosineLoss(first: Tensor, second: Tensor, scores: Tensor): Tensor {
  return meanSquaredError(cosines(first, second), scores);
}

/** Cosines of rows that belong together: (B, E) twice → (B) */
export const cosines = (first: Tensor, second: Tensor): Tensor => sum(multiply(normalize(first), normalize(second)), -1);

/**
 * Mean of max(0, ‖a − p‖ − ‖a − n‖ + margin): (B, E) three times → (). Reimers & Gurevych 2019, §3, "Triplet Objective Function".
 * @param margin default 5, as there
 */
export function tripletLoss(anchors: Tensor, positives: Tensor, negatives: Tensor, margin = 5): Tensor {
  const difference = subtract(distances(anchors, positives), distances(anchors, negatives));
  return mean(relu(scaleAndShift(difference, 1, margin)));
}

/** (B). PyTorch's `pairwise_distance`, which adds 1e-6 to every difference. */
export const distances = (first: Tensor, second: Tensor): Tensor => sqrt(sum(square(scaleAndShift(subtract(first, second), 1, 1e-6)), -1));

/** 0, 1, 2… */
const places = (count: number): Tensor<"int32"> => intTensor(Array.from({ length: count }, (_, i) => i));
