/** What sentence-transformers' files may say. */
import type { KeyTable } from "@x/layers/model";
import type { PoolingMode } from "./pooling.ts";

const elsewhere = "only one stream, of whole texts, is here";
const arguments_ = "arguments of Hugging Face's library aren't passed on";
const toLibrary = { because: arguments_ };

export const modulesKeys: KeyTable = {
  file: "modules.json",
  followed: ["type", "path"],
  passedOver: { "modules stand in the file's order": ["idx", "name"] },
  refused: { kwargs: { because: "a module gets no arguments of a call" } },
};

export const transformerKeys: KeyTable = {
  file: "sentence_bert_config.json",
  followed: ["max_seq_length", "do_lower_case", "modality_config"],
  passedOver: { "it only changes how fast it is": ["unpad_inputs"] },
  refused: {
    transformer_task: { unless: ["feature-extraction"], because: "only a model without a head is here" },
    module_output_name: { unless: ["token_embeddings"], because: elsewhere },
    model_args: toLibrary,
    model_kwargs: toLibrary,
    tokenizer_args: toLibrary,
    processor_kwargs: toLibrary,
    config_args: toLibrary,
    config_kwargs: toLibrary,
    processing_kwargs: toLibrary,
    tokenizer_name_or_path: { because: "the tokenizer lies beside the model" },
    query_length: { because: "vectors of each token aren't here" },
    document_length: { because: "vectors of each token aren't here" },
    query_expansion: { because: "vectors of each token aren't here" },
  },
};

/** What earlier files called the modes: a switch for each. */
export const poolingSwitches: Readonly<Record<PoolingMode, string>> = {
  cls: "pooling_mode_cls_token",
  max: "pooling_mode_max_tokens",
  mean: "pooling_mode_mean_tokens",
  mean_sqrt_len_tokens: "pooling_mode_mean_sqrt_len_tokens",
  weightedmean: "pooling_mode_weightedmean_tokens",
  lasttoken: "pooling_mode_lasttoken",
};

export const poolingKeys: KeyTable = {
  file: "config.json of Pooling",
  followed: ["pooling_mode", ...Object.values(poolingSwitches), "include_prompt"],
  passedOver: { "the encoder says it": ["word_embedding_dimension", "embedding_dimension"] },
};

export const denseKeys: KeyTable = {
  file: "config.json of Dense",
  followed: ["in_features", "out_features", "bias", "activation_function"],
  refused: {
    use_residual: { unless: [false], because: "a dense layer that is added to its input isn't here" },
    module_input_name: { unless: ["sentence_embedding"], because: elsewhere },
    module_output_name: { unless: ["sentence_embedding"], because: elsewhere },
  },
};

export const normalizeKeys: KeyTable = {
  file: "config.json of Normalize",
  followed: [],
  refused: {
    module_input_name: { unless: ["sentence_embedding"], because: elsewhere },
    module_output_name: { unless: ["sentence_embedding"], because: elsewhere },
  },
};

export const settingsKeys: KeyTable = {
  file: "config_sentence_transformers.json",
  followed: ["prompts", "default_prompt_name", "truncate_dim", "similarity_fn_name"],
  passedOver: { "it says who wrote the file": ["__version__", "requirements"] },
  refused: { model_type: { unless: ["SentenceTransformer"], because: "only models that give one dense vector a text are here" } },
};
