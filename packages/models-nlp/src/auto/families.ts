import { type AutoFamilies, byHead } from "@x/layers/model";
import type { QuestionAnsweringModel } from "../tasks/answer.ts";
import type { TextClassifier } from "../tasks/classify-text.ts";
import type { TextEmbedder } from "../tasks/embed-text.ts";
import type { MaskedLanguageModel } from "../tasks/fill-mask.ts";
import type { LateInteraction } from "../tasks/max-sim.ts";
import type { TokenClassifier } from "../tasks/tag-tokens.ts";
import type { Translator } from "../tasks/translate.ts";

/** What models can do, by their heads. */
export interface TextHeads {
  readonly Model: object;
  readonly ForPreTraining: object;
  readonly ForMaskedLM: MaskedLanguageModel;
  readonly ForNextSentencePrediction: object;
  readonly ForSequenceClassification: TextClassifier;
  readonly ForTokenClassification: TokenClassifier;
  readonly ForQuestionAnswering: QuestionAnsweringModel;
  readonly ForConditionalGeneration: Translator;
  readonly SentenceEncoder: TextEmbedder;
  readonly ColBERT: LateInteraction;
}

/** A line for each `model_type`. */
export const textFamilies: AutoFamilies<TextHeads> = {
  families: {
    bert: async () => ({ Model: (await import("../bert/bert.ts")).Bert, ...(await byHead("Bert", import("../bert/bert-with-heads.ts"))) }),
    fnet: async () => ({ Model: (await import("../fnet/fnet.ts")).FNet, ...(await byHead("FNet", import("../fnet/fnet-with-heads.ts"))) }),
    roberta: () => byHead("Roberta", import("../roberta/roberta.ts")),
    "xlm-roberta": () => byHead("Roberta", import("../roberta/roberta.ts")),
    camembert: () => byHead("Roberta", import("../roberta/roberta.ts")),
    distilbert: () => byHead("DistilBert", import("../distilbert/distilbert.ts")),
    mpnet: () => byHead("MPNet", import("../mpnet/mpnet.ts")),
    modernbert: () => byHead("ModernBert", import("../modern-bert/modern-bert.ts")),
    electra: () => byHead("Electra", import("../electra/electra.ts")),
    marian: async () => ({ ForConditionalGeneration: (await import("../marian/marian.ts")).Marian }),
    m2m_100: async () => ({ ForConditionalGeneration: (await import("../m2m-100/m2m-100.ts")).M2M100 }),
    transformer: async () => ({ ForConditionalGeneration: (await import("../transformer/transformer.ts")).Transformer }),
    "torch.nn.Transformer": async () => ({ Model: (await import("../transformer/encoder-decoder.ts")).EncoderDecoder }),
    colbert: async () => ({ ColBERT: (await import("../colbert/colbert.ts")).ColBERT }),
    "sentence-transformers": async () => ({
      SentenceEncoder: (await import("../sentence-embedding/sentence-encoder.ts")).SentenceEncoder,
    }),
  },
  // Of sentence-transformers' rerankers it names the head that they are.
  files: {
    "modules.json": { family: "sentence-transformers", unless: "ForSequenceClassification" },
    "artifact.metadata": { family: "colbert" },
  },
  entries: {
    "transformer.decoder.layers.{i}.multihead_attn.in_proj_weight": "transformer",
    "decoder.layers.{i}.multihead_attn.in_proj_weight": "torch.nn.Transformer",
  },
};
