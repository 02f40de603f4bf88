/** What a CLIP's files may say: Hugging Face's `config.json`, and open_clip's `open_clip_config.json`. */
import { hubKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { clipBagOfWordsDefaults, clipResNetDefaults, clipTextDefaults, clipVisionDefaults } from "./config.ts";

const byWhole = "the whole model's settings say it";
const initialization = "it says how weights begin";

const textKeys: KeyTable = hubKeys("CLIP: text_config", { ...clipTextDefaults, ...clipBagOfWordsDefaults }, {
  passedOver: {
    [byWhole]: ["projection_dim"],
    [initialization]: ["initializer_factor", "initializer_range"],
    "only training heeds it, and it isn't here": ["dropout"],
    "the tokenizer says it": ["bos_token_id", "pad_token_id"],
  },
}); // prettier-ignore

const visionKeys: KeyTable = hubKeys("CLIP: vision_config", { ...clipVisionDefaults, ...clipResNetDefaults }, {
  passedOver: {
    [byWhole]: ["projection_dim"],
    [initialization]: ["initializer_factor", "initializer_range"],
    "only training heeds it, and it isn't here": ["dropout"],
  },
}); // prettier-ignore

export const hubCLIPKeys: KeyTable = hubKeys("CLIP", {}, {
  followed: ["projection_dim", "logit_scale_init_value"],
  passedOver: { [initialization]: ["initializer_factor", "initializer_range"] },
  nested: { text_config: textKeys, vision_config: visionKeys, text_config_dict: textKeys, vision_config_dict: visionKeys },
}); // prettier-ignore

/** OpenAI's files have none; by hand one may note the arguments of its class. */
export const openAICLIPKeys: KeyTable = {
  file: "config.json of OpenAI's CLIP",
  followed: [],
  passedOver: {
    "the weights' shapes say it": [
      "embed_dim", "image_resolution", "vision_layers", "vision_width", "vision_patch_size", "context_length", "vocab_size", "transformer_width", "transformer_heads",
      "transformer_layers",
    ],
  },
}; // prettier-ignore

const byShape = "the weights' shapes say it";

/** What both of open_clip's towers have. */
const tower: Required<Pick<KeyTable, "passedOver" | "refused" | "nested">> = {
  passedOver: { [byShape]: ["width", "layers", "mlp_ratio"], "it says what else a call gives": ["output_tokens"] },
  refused: {
    ls_init_value: { because: "LayerScale isn't here" },
    block_type: { because: "other blocks aren't here" },
    qk_norm: { unless: [false], because: "queries and keys have no norm" },
    scaled_cosine_attn: { unless: [false], because: "attention multiplies, and scales nothing else" },
    scale_heads: { unless: [false], because: "attention multiplies, and scales nothing else" },
    scale_attn_inner: { unless: [false], because: "attention has no norm inside" },
    scale_attn: { unless: [false], because: "attention has no norm inside" },
    scale_fc: { unless: [false], because: "the MLP has no norm inside" },
  },
  nested: {
    act_kwargs: {
      file: "open_clip_config.json: act_kwargs",
      followed: [],
      passedOver: { "it says how, not what": ["inplace"] },
      refused: { approximate: { unless: ["none", "tanh"], because: "GELU is exact, or of the hyperbolic tangent" } },
    },
    norm_kwargs: {
      file: "open_clip_config.json: norm_kwargs",
      followed: ["eps"],
      kinds: { eps: "a number" },
      refused: {
        elementwise_affine: { unless: [true], because: "norms have weights" },
        bias: { unless: [true], because: "norms have biases" },
      },
    },
  },
};

const openVisionKeys: KeyTable = {
  file: "open_clip_config.json: vision_cfg",
  followed: ["head_width", "no_ln_pre", "final_ln_after_pool"],
  kinds: { head_width: "a number", no_ln_pre: "true or false", final_ln_after_pool: "true or false" },
  passedOver: {
    ...tower.passedOver,
    [byShape]: ["width", "layers", "mlp_ratio", "image_size", "patch_size"],
    "only training heeds it": ["patch_dropout"],
    "the weights have the positions": ["pos_embed_type"],
    "it is about parts that are refused": [
      "attn_pooler_queries", "attn_pooler_heads", "timm_model_pretrained", "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path",
    ],
  },
  refused: {
    ...tower.refused,
    pool_type: { unless: ["tok", "avg"], because: "an image's feature is its class token's, or its patches' mean" },
    attentional_pool: { unless: [false], because: "an image's feature is its class token's" },
    timm_model_name: { because: "only OpenAI's image encoders are here; a SigLIP is read by the class SigLIP" },
  },
  nested: tower.nested,
}; // prettier-ignore

const openTextKeys: KeyTable = {
  file: "open_clip_config.json: text_cfg",
  followed: ["heads", "eos_id", "no_causal_mask", "hf_tokenizer_name"],
  kinds: { heads: "a number", eos_id: "a number", no_causal_mask: "true or false", hf_tokenizer_name: "a text" },
  passedOver: {
    ...tower.passedOver,
    [byShape]: ["width", "layers", "mlp_ratio", "context_length", "vocab_size"],
    "the tokenizer says it": ["pad_id"],
    "open_clip doesn't heed it either": ["final_ln_after_pool"],
    "it is about parts that are refused": ["hf_model_pretrained", "hf_proj_type", "hf_pooler_type"],
  },
  refused: {
    ...tower.refused,
    pool_type: { unless: ["argmax", "eos", "first", "last"], because: "a text's feature is one token's" },
    embed_cls: { unless: [false], because: "texts have no class token" },
    proj_type: { unless: ["linear"], because: "the projection is a matrix" },
    proj_bias: { unless: [false], because: "the projection has no bias" },
    hf_model_name: { because: "only OpenAI's text encoders are here" },
    tokenizer_mode: { unless: [""], because: "texts are tokenized whole" },
  },
  nested: {
    ...tower.nested,
    tokenizer_kwargs: {
      file: "open_clip_config.json: tokenizer_kwargs",
      followed: ["clean", "strip_sep_token"],
      kinds: { clean: "a text", strip_sep_token: "true or false" },
      refused: { reduction_mask: { unless: [""], because: "long texts lose their ends, not what matters least" } },
    },
  },
};

export const openCLIPKeys: KeyTable = {
  file: "open_clip_config.json",
  followed: [],
  nested: {
    model_cfg: {
      file: "open_clip_config.json: model_cfg",
      followed: ["quick_gelu", "init_logit_scale"],
      kinds: { quick_gelu: "true or false", init_logit_scale: "a number" },
      passedOver: {
        [byShape]: ["embed_dim", "nonscalar_logit_scale"],
        "every number is a float32 here": ["cast_dtype"],
        "it says what a call gives": ["output_dict"],
      },
      refused: {
        init_logit_bias: { because: "logits have no bias" },
        custom_text: { unless: [false], because: "only OpenAI's text encoders are here" },
        multimodal_cfg: { because: "CLIP writes no texts" },
      },
      nested: { vision_cfg: openVisionKeys, text_cfg: openTextKeys },
    },
    preprocess_cfg: {
      file: "open_clip_config.json: preprocess_cfg",
      followed: ["mean", "std", "interpolation"],
      kinds: { mean: "a number, or several", std: "a number, or several", interpolation: "a text" },
      passedOver: { "the model's image size says it": ["size"], "nothing is filled up": ["fill_color"] },
      refused: {
        mode: { unless: ["RGB"], because: "pictures are red, green and blue" },
        resize_mode: { unless: ["shortest", "squash"], because: "nothing is filled up around pictures" },
      },
    },
  },
};

/** By its form: Hugging Face's has a `model_type`. */
export const clipKeys = (config: JsonObject): KeyTable => (config["model_type"] === undefined ? openAICLIPKeys : hubCLIPKeys);
