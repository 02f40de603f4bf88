import { firstOf, type WeightLayout } from "@x/layers/model";
import { encoderNames, idleNames, normNames } from "../text-encoder/weights.ts";

const [words, bias, ownBias] = ["cls.predictions.decoder.weight", "cls.predictions.bias", "cls.predictions.decoder.bias"] as const;

/** Hugging Face's names, as in `google-bert/bert-base-uncased`; the prefix may be missing, as in sentence-transformers' models. */
const layout = (isTied: boolean): WeightLayout => ({
  name: "Hugging Face BERT",
  basePrefix: "bert.",
  table: {
    ...encoderNames("bert", isTied ? words : undefined),
    "predictions.transform.*": "cls.predictions.transform.dense.*",
    ...normNames("predictions.norm", "cls.predictions.transform.LayerNorm"),
    "predictions.decoder": words,
    "predictions.bias": isTied ? firstOf(bias, ownBias) : firstOf(ownBias, bias),
    "nextSentence.*": "cls.seq_relationship.*",
    "classifier.*": "classifier.*",
    "qaOutputs.*": "qa_outputs.*",
  },
  ignore: ["cls.*", "classifier.*", "qa_outputs.*", "bert.pooler.*", ...idleNames("bert")],
});

/** Of a model whose output layer for words is the word embeddings, and of one that has its own. */
export const bertLayouts: readonly [tied: WeightLayout, untied: WeightLayout] = [layout(true), layout(false)];
