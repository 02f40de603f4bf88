/** What `generation_config.json` may say. */
import type { KeyTable } from "@x/layers/model";

const notHere = { because: "it would change the text, and isn't here" };

export const generationKeys: KeyTable = {
  file: "generation_config.json",
  followed: [
    "max_length", "max_new_tokens", "num_beams", "length_penalty", "early_stopping", "bad_words_ids", "forced_eos_token_id", "renormalize_logits",
    "eos_token_id", "decoder_start_token_id", "min_length", "min_new_tokens", "repetition_penalty", "no_repeat_ngram_size",
    "forced_bos_token_id", "suppress_tokens", "begin_suppress_tokens", "do_sample",
    "temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff",
  ], // prettier-ignore
  passedOver: {
    "it says how, not what": [
      "use_cache", "cache_implementation", "cache_config", "max_cache_len", "use_mtp", "compile_config", "disable_compile", "low_memory", "prefill_chunk_size",
      "continuous_batching_config", "is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold",
      "prompt_lookup_num_tokens", "max_matching_ngram_size", "assistant_early_exit", "assistant_lookbehind", "target_lookbehind",
      "assistant_ensemble_weight", "speculation_type",
    ],
    "it says what else a call gives": ["output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate"],
    "other files say it, or who wrote this one": ["pad_token_id", "bos_token_id", "transformers_version", "_from_model_config", "_commit_hash"],
  },
  refused: {
    top_h: { because: "cutting by entropy isn't here" },
    num_return_sequences: { unless: [1], because: "a call says it" },
    num_beam_groups: { unless: [1], because: "groups of beams aren't here" },
    diversity_penalty: { unless: [0], because: "groups of beams aren't here" },
    max_time: notHere,
    stop_strings: notHere,
    encoder_repetition_penalty: { unless: [1], ...notHere },
    encoder_no_repeat_ngram_size: { unless: [0], ...notHere },
    remove_invalid_values: { unless: [false], ...notHere },
    exponential_decay_length_penalty: notHere,
    sequence_bias: notHere,
    token_healing: { unless: [false], ...notHere },
    guidance_scale: { unless: [1], ...notHere },
    watermarking_config: notHere,
    penalty_alpha: { unless: [0], ...notHere },
    dola_layers: notHere,
    constraints: notHere,
    force_bos_token_to_be_generated: { unless: [false], ...notHere },
    force_words_ids: notHere,
  },
}; // prettier-ignore
