/** What the classes of Hugging Face's library have in common in `config.json`, their models' own keys aside. */
import { snakeCaseKeys } from "./config-keys.ts";
import { type KeyTable, keyTable } from "../formats/known-keys.ts";

const shared: Pick<KeyTable, "passedOver" | "refused" | "kinds"> = {
  passedOver: {
    "it says who wrote the file, and where": [
      "_name_or_path", "name_or_path", "_commit_hash", "transformers_version", "architectures", "auto_map", "custom_pipelines", "tokenizer_class",
      "tokenizer_name", "processor_class", "sentence_transformers", "language", "license", "gradient_checkpointing", "finetuning_task", "task_specific_params",
    ],
    "every number is a float32 here": ["dtype", "torch_dtype", "use_bfloat16"],
    "it is about classes, of which those models that have some are told by `id2label`": ["id2label", "label2id", "num_labels", "_num_labels", "problem_type"],
    "it says what else a call gives, or how fast": [
      "output_attentions", "output_hidden_states", "return_dict", "use_return_dict", "output_past", "use_cache", "chunk_size_feed_forward", "torchscript",
      "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal", "_experts_implementation",
      "experts_implementation", "tie_last_hidden_states", "base_model_tp_plan", "xla_device", "loss_type",
    ],
    "positions aren't rotated in this model": ["rope_scaling", "rope_theta"],
    "the tokenizer says it": ["bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "unk_token_id", "prefix"],
    "nothing is written": [
      "decoder_start_token_id", "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature",
      "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids",
      "num_return_sequences", "output_scores", "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
      "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "tf_legacy_loss", "epsilon_cutoff", "eta_cutoff", "encoder_repetition_penalty", "assistant_confidence_threshold", "assistant_lookbehind", "target_lookbehind",
      "num_assistant_tokens", "num_assistant_tokens_schedule",
    ],
  },
  refused: {
    is_decoder: { unless: [false], because: "this model doesn't look at earlier tokens only" },
    add_cross_attention: { unless: [false], because: "this model looks at no other's tokens" },
    cross_attention_hidden_size: { because: "this model looks at no other's tokens" },
    is_encoder_decoder: { unless: [false], because: "this model has no decoder" },
    tie_encoder_decoder: { unless: [false], because: "this model has no decoder" },
    pruned_heads: { because: "all layers have the same heads here" },
    per_layer_config: { because: "all layers are the same here" },
    quantization_config: { because: "only floats are read; int8 is an option of loading" },
    compression_config: { because: "only floats are read; int8 is an option of loading" },
  },
  kinds: { model_type: "a text", is_encoder_decoder: "true or false" },
}; // prettier-ignore

/**
 * The table of a model's `config.json`.
 * @param model its name, for the file's title
 * @param config its settings, all of which are followed unless `own` says otherwise
 * @param own what it has besides the keys that all models have, or has otherwise
 */
export function hubKeys(model: string, config: object, own: Partial<Omit<KeyTable, "file">> = {}): KeyTable {
  const followed = ["model_type", ...Object.keys(snakeCaseKeys({ ...config }))];
  return keyTable(`config.json of ${model}`, own, { followed }, shared);
}
