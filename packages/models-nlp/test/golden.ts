/** PyTorch's numbers for tiny models: golden/<name>, written by tools/reference. */
import { type Golden, goldensOf } from "@x/testing";
import { add, crossEntropy, type Tensor } from "@x/layers";
import type { PreTrainingOutputs, TextInput } from "../src/index.ts";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));

/** The argument of an encoder's `forward`. */
export const inputsOf = (golden: Golden): TextInput => ({
  inputIds: golden.ids("input_ids"),
  tokenTypeIds: golden.ids("token_type_ids"),
  ...(golden.has("attention_mask") && { attentionMask: golden.ids("attention_mask") }),
});

/** Masked words and next sentences: the sum of both cross-entropies. */
export function preTrainingLoss(
  model: { forward(text: TextInput): Pick<PreTrainingOutputs, "wordLogits" | "nextSentenceLogits"> },
  golden: Golden,
): Tensor {
  const { wordLogits, nextSentenceLogits } = model.forward(inputsOf(golden));
  return add(crossEntropy(wordLogits, golden.ids("labels")), crossEntropy(nextSentenceLogits, golden.ids("next_sentence_label")));
}
