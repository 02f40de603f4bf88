import { firstOf, joined, type WeightLayout } from "@x/layers/model";

const layer = "bert.encoder.layer.{i}";

/** A norm's entries: the first checkpoints call them gamma and beta. */
const norm = (path: string, key: string): WeightLayout["table"] => ({
  [`${path}.weight`]: firstOf(`${key}.weight`, `${key}.gamma`),
  [`${path}.bias`]: firstOf(`${key}.bias`, `${key}.beta`),
});

/** Hugging Face's names, as in `google-bert/bert-base-uncased`; the prefix may be missing, as in sentence-transformers' models. */
export const bertLayouts: readonly [huggingFace: WeightLayout] = [
  {
    name: "Hugging Face BERT",
    basePrefix: "bert.",
    table: {
      "embeddings.wordEmbeddings.*": "bert.embeddings.word_embeddings.*",
      "embeddings.positionEmbeddings.*": "bert.embeddings.position_embeddings.*",
      "embeddings.tokenTypeEmbeddings.*": "bert.embeddings.token_type_embeddings.*",
      ...norm("embeddings.norm", "bert.embeddings.LayerNorm"),
      "blocks.{i}.mixer.qkv.*": joined(
        `${layer}.attention.self.query.*`,
        `${layer}.attention.self.key.*`,
        `${layer}.attention.self.value.*`,
      ),
      "blocks.{i}.mixer.proj.*": `${layer}.attention.output.dense.*`,
      ...norm("blocks.{i}.norm1", `${layer}.attention.output.LayerNorm`),
      "blocks.{i}.mlp.fc1.*": `${layer}.intermediate.dense.*`,
      "blocks.{i}.mlp.fc2.*": `${layer}.output.dense.*`,
      ...norm("blocks.{i}.norm2", `${layer}.output.LayerNorm`),
      "pooler.*": "bert.pooler.*",
      "predictions.transform.*": "cls.predictions.transform.dense.*",
      ...norm("predictions.norm", "cls.predictions.transform.LayerNorm"),
      "predictions.bias": firstOf("cls.predictions.bias", "cls.predictions.decoder.bias"),
      "nextSentence.*": "cls.seq_relationship.*",
      "classifier.*": "classifier.*",
      "qaOutputs.*": "qa_outputs.*",
    },
    ignore: ["cls.*", "classifier.*", "qa_outputs.*", "bert.pooler.*", "bert.embeddings.position_ids", "bert.embeddings.token_type_ids"],
  },
];
