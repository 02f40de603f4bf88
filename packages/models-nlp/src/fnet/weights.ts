import { firstOf, joined, type WeightLayout } from "@x/layers/model";

const embeddings = "fnet.embeddings.word_embeddings.weight";
const layer = "fnet.encoder.layer.{i}";

const [words, bias, ownBias] = ["cls.predictions.decoder.weight", "cls.predictions.bias", "cls.predictions.decoder.bias"] as const;

/** Hugging Face's names, as in `google/fnet-base`. What it has no name for, a hybrid's attention and the linear mixer, is named in its manner. */
const layout = (isTied: boolean): WeightLayout => ({
  name: "Hugging Face FNet",
  basePrefix: "fnet.",
  table: {
    "embeddings.wordEmbeddings.weight": isTied ? firstOf(embeddings, words) : embeddings,
    "embeddings.positionEmbeddings.*": "fnet.embeddings.position_embeddings.*",
    "embeddings.tokenTypeEmbeddings.*": "fnet.embeddings.token_type_embeddings.*",
    "embeddings.norm.*": "fnet.embeddings.LayerNorm.*",
    "embeddings.projection.*": "fnet.embeddings.projection.*",
    "blocks.{i}.norm1.*": `${layer}.fourier.output.LayerNorm.*`,
    "blocks.{i}.mixer.qkv.*": joined(`${layer}.attention.self.query.*`, `${layer}.attention.self.key.*`, `${layer}.attention.self.value.*`),
    "blocks.{i}.mixer.proj.*": `${layer}.attention.output.dense.*`,
    "blocks.{i}.mixer.sequence": `${layer}.linear.sequence.weight`,
    "blocks.{i}.mixer.hidden.*": `${layer}.linear.hidden.*`,
    "blocks.{i}.norm2.*": `${layer}.output.LayerNorm.*`,
    "blocks.{i}.mlp.fc1.*": `${layer}.intermediate.dense.*`,
    "blocks.{i}.mlp.fc2.*": `${layer}.output.dense.*`,
    "pooler.*": "fnet.pooler.*",
    "predictions.transform.*": "cls.predictions.transform.dense.*",
    "predictions.norm.*": "cls.predictions.transform.LayerNorm.*",
    "predictions.decoder": words,
    "predictions.bias": isTied ? firstOf(bias, ownBias) : firstOf(ownBias, bias),
    "nextSentence.*": "cls.seq_relationship.*",
    "classifier.*": "classifier.*",
    "qaOutputs.*": "qa_outputs.*",
  },
  ignore: ["cls.*", "classifier.*", "qa_outputs.*", "fnet.embeddings.position_ids", "fnet.embeddings.token_type_ids"],
});

/** Of a model whose output layer for words is the word embeddings, and of one that has its own. */
export const fNetLayouts: readonly [tied: WeightLayout, untied: WeightLayout] = [layout(true), layout(false)];
