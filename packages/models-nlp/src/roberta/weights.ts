import type { WeightLayout } from "@x/layers/model";
import { encoderNames, idleNames, lmHeadNames } from "../text-encoder/weights.ts";

/** Hugging Face's names, as in `FacebookAI/roberta-base`, which XLM-RoBERTa and CamemBERT have too. */
const layout = (isTied: boolean): WeightLayout => ({
  name: "Hugging Face RoBERTa",
  basePrefix: "roberta.",
  table: {
    ...encoderNames("roberta", isTied ? "lm_head.decoder.weight" : undefined),
    ...lmHeadNames(isTied),
    "classifier.outProj.*": "classifier.out_proj.*",
    "classifier.*": "classifier.*",
    "qaOutputs.*": "qa_outputs.*",
  },
  ignore: ["lm_head.*", "classifier.*", "qa_outputs.*", "roberta.pooler.*", ...idleNames("roberta")],
});
export const robertaLayouts: readonly [tied: WeightLayout, untied: WeightLayout] = [layout(true), layout(false)];
