import { intTensor, type Tensor } from "@x/layers";
import type { TextTensors } from "./text.ts";

/** What counts for nothing in a loss: PyTorch's number for it. */
export const IGNORED = -100;

/** A number for each token of each text → (B, N), −100 for padding, wherever that stands. */
export function labelsOnTokens(
  { attentionMask }: Pick<TextTensors, "attentionMask">,
  rows: readonly (readonly number[])[],
): Tensor<"int32"> {
  const [, length = 0] = attentionMask.shape;
  const labels = new Int32Array(attentionMask.size).fill(IGNORED);
  const mask = attentionMask.toTypedArray();
  for (const [i, row] of rows.entries()) {
    let next = 0;
    for (let place = i * length; place < (i + 1) * length; place++) if (mask[place] === 1) labels[place] = row[next++] ?? IGNORED;
  }
  return intTensor(labels, attentionMask.shape);
}

/** How many labels count. */
export const countLabels = (labels: Tensor<"int32">): number =>
  labels.data.reduce((count, label) => count + (label === IGNORED ? 0 : 1), 0);
