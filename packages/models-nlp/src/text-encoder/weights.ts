import { firstOf, joined, type WeightLayout } from "@x/layers/model";

type Table = WeightLayout["table"];

/** A norm's entries: the first checkpoints call them gamma and beta. */
export const normNames = (path: string, key: string): Table => ({
  [`${path}.weight`]: firstOf(`${key}.weight`, `${key}.gamma`),
  [`${path}.bias`]: firstOf(`${key}.bias`, `${key}.beta`),
});

/**
 * An encoder's names in Hugging Face's library, where they are BERT's.
 * @param base `bert`
 * @param output an output layer's name for the word embeddings, which some files have alone
 */
export const encoderNames = (base: string, output?: string): Table => {
  const words = `${base}.embeddings.word_embeddings.weight`;
  const layer = `${base}.encoder.layer.{i}`;
  return {
    "embeddings.wordEmbeddings.weight": output === undefined ? words : firstOf(words, output),
    "embeddings.positionEmbeddings.*": `${base}.embeddings.position_embeddings.*`,
    "embeddings.tokenTypeEmbeddings.*": `${base}.embeddings.token_type_embeddings.*`,
    ...normNames("embeddings.norm", `${base}.embeddings.LayerNorm`),
    "blocks.{i}.mixer.qkv.*": joined(`${layer}.attention.self.query.*`, `${layer}.attention.self.key.*`, `${layer}.attention.self.value.*`),
    "blocks.{i}.mixer.proj.*": `${layer}.attention.output.dense.*`,
    ...normNames("blocks.{i}.norm1", `${layer}.attention.output.LayerNorm`),
    "blocks.{i}.mlp.fc1.*": `${layer}.intermediate.dense.*`,
    "blocks.{i}.mlp.fc2.*": `${layer}.output.dense.*`,
    ...normNames("blocks.{i}.norm2", `${layer}.output.LayerNorm`),
    "pooler.*": `${base}.pooler.*`,
  };
};

/** Entries that were saved once, and say nothing. */
export const idleNames = (base: string): readonly string[] => [`${base}.embeddings.position_ids`, `${base}.embeddings.token_type_ids`];

type Ties = readonly (readonly [name: string, other: string])[];

/** What is one in BERT's and FNet's files, unless they say otherwise. @param base `bert` */
export const predictionsTies = (base: string): Ties => [
  [`${base}.embeddings.word_embeddings.weight`, "cls.predictions.decoder.weight"],
  ["cls.predictions.bias", "cls.predictions.decoder.bias"],
];

/** The same in RoBERTa's and MPNet's. */
export const lmHeadTies = (base: string): Ties => [
  [`${base}.embeddings.word_embeddings.weight`, "lm_head.decoder.weight"],
  ["lm_head.bias", "lm_head.decoder.bias"],
];

/** RoBERTa's and MPNet's head for masked words. Of its two biases, which are one where it is tied, the untied output layer's own counts. */
export const lmHeadNames = (isTied: boolean): Table => {
  const biases = ["lm_head.bias", "lm_head.decoder.bias"] as const;
  return {
    "predictions.transform.*": "lm_head.dense.*",
    ...normNames("predictions.norm", "lm_head.layer_norm"),
    "predictions.decoder": "lm_head.decoder.weight",
    "predictions.bias": isTied ? firstOf(...biases) : firstOf(biases[1], biases[0]),
  };
};
