import { add, crossEntropy, gatherTokens, intTensor, type Tensor } from "@x/layers";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { PreTrainingBatch } from "./pre-training-batch.ts";

/** What pre-training needs of a model: BertForPreTraining, FNetForPreTraining. */
export interface PreTrainingModel {
  /** text (B, N) → tokens (B, N, D) */
  encode(text: TextInput): Tensor;
  /** tokens (B, N, D) → whole texts (B, D) */
  pool(tokens: Tensor): Tensor;
  /** tokens (…, D) → logits of words (…, V) */
  readonly predictions: { forward(tokens: Tensor): Tensor };
  /** whole texts (B, D) → logits of 0 = next, 1 = random (B, 2) */
  readonly nextSentence: { forward(texts: Tensor): Tensor };
}

/** What a model says about a batch where it is asked. */
export interface PreTrainingOutputs {
  /** (B, K, V): logits of the K places of each text that are to be predicted. */
  readonly wordLogits: Tensor;
  /** (B, K): what they are; −100 fills up texts with fewer of them. */
  readonly wordLabels: Tensor<"int32">;
  /** (B, 2) */
  readonly nextSentenceLogits: Tensor;
}

/**
 * Logits of the masked places only, since those of all the others, each over a whole vocabulary, would cost most of the memory and count for
 * nothing. The authors' code does the same.
 */
export function preTrainingOutputs(model: PreTrainingModel, batch: PreTrainingBatch): PreTrainingOutputs {
  const { text, wordLabels } = batch;
  const { places, labels } = maskedPlaces(wordLabels);
  const tokens = model.encode(text); //                                     (B, N, D)
  const masked = gatherTokens(tokens, places); //                           (B, K, D)
  return {
    wordLogits: model.predictions.forward(masked), //                       (B, K, V)
    wordLabels: labels,
    nextSentenceLogits: model.nextSentence.forward(model.pool(tokens)), //  (B, 2)
  };
}

/** Cross-entropy of the masked words + cross-entropy of the next sentence. Devlin et al. 2019, appendix A.2. A scalar (). */
export function preTrainingLoss(outputs: PreTrainingOutputs, batch: PreTrainingBatch): Tensor {
  const { wordLogits, wordLabels, nextSentenceLogits } = outputs;
  return add(crossEntropy(wordLogits, wordLabels), crossEntropy(nextSentenceLogits, batch.nextSentenceLabels));
}

/** labels (B, N), −100 for what isn't masked → places and labels of what is, both (B, K), K being the most of a text, at least 1. */
function maskedPlaces(wordLabels: Tensor<"int32">): { readonly places: Tensor<"int32">; readonly labels: Tensor<"int32"> } {
  const [batch = 0, length = 0] = wordLabels.shape;
  const rows = Array.from({ length: batch }, (_, text) => {
    const row = wordLabels.data.subarray(text * length, (text + 1) * length);
    return [...row].flatMap((label, place) => (label < 0 ? [] : [{ label, place }]));
  });
  const most = rows.reduce((longest, row) => Math.max(longest, row.length), 1);
  const matrix = (valueOf: (found: { label: number; place: number } | undefined) => number): Tensor<"int32"> =>
    intTensor(
      rows.flatMap((row) => Array.from({ length: most }, (_, i) => valueOf(row[i]))),
      [batch, most],
    );
  return { places: matrix((found) => found?.place ?? 0), labels: matrix((found) => found?.label ?? -100) };
}
