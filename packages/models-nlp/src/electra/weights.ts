import type { WeightLayout } from "@x/layers/model";
import { encoderNames, idleNames, normNames } from "../text-encoder/weights.ts";

/** Hugging Face's names, as in `google/electra-small-discriminator` and `…-generator`. */
export const electraLayouts: readonly [huggingFace: WeightLayout] = [
  {
    name: "Hugging Face ELECTRA",
    basePrefix: "electra.",
    table: {
      ...encoderNames("electra", "generator_lm_head.weight"),
      "embeddings.toHidden.*": "electra.embeddings_project.*",
      "discriminator.dense.*": "discriminator_predictions.dense.*",
      "discriminator.output.*": "discriminator_predictions.dense_prediction.*",
      "predictions.transform.*": "generator_predictions.dense.*",
      ...normNames("predictions.norm", "generator_predictions.LayerNorm"),
      "predictions.decoder": "generator_lm_head.weight",
      "predictions.bias": "generator_lm_head.bias",
      "classifier.outProj.*": "classifier.out_proj.*",
      "classifier.*": "classifier.*",
      "qaOutputs.*": "qa_outputs.*",
    },
    ignore: ["discriminator_predictions.*", "generator_*", "classifier.*", "qa_outputs.*", ...idleNames("electra")],
  },
];
