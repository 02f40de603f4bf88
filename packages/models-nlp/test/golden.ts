/** PyTorch's numbers for tiny models: golden/<name>, written by tools/reference. */
import { add, crossEntropy, type Tensor } from "@x/layers";
import { type Golden, goldenIds, goldensOf } from "../../layers/test/models/golden.ts";
import type { PreTrainingOutputs, TextInput } from "../src/index.ts";

export {
  entry,
  expectClose,
  expectGradientsAgree,
  expectTrainingAgrees,
  type Golden,
  goldenIds,
  goldenTensor,
} from "../../layers/test/models/golden.ts";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));

/** The argument of an encoder's `forward`. */
export const inputsOf = (golden: Golden): TextInput => ({
  inputIds: goldenIds(golden, "input_ids"),
  tokenTypeIds: goldenIds(golden, "token_type_ids"),
  ...(golden.has("attention_mask") && { attentionMask: goldenIds(golden, "attention_mask") }),
});

/** Masked words and next sentences: the sum of both cross-entropies. */
export function preTrainingLoss(
  model: { forward(text: TextInput): Pick<PreTrainingOutputs, "wordLogits" | "nextSentenceLogits"> },
  golden: Golden,
): Tensor {
  const { wordLogits, nextSentenceLogits } = model.forward(inputsOf(golden));
  return add(
    crossEntropy(wordLogits, goldenIds(golden, "labels")),
    crossEntropy(nextSentenceLogits, goldenIds(golden, "next_sentence_label")),
  );
}
