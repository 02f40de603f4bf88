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
const tower: Required<Pick<KeyTable, "passedOver" | "refused">> = {
  passedOver: { [byShape]: ["width", "layers", "mlp_ratio"], "it says what else a call gives": ["output_tokens"] },
  refused: {
    ls_init_value: { because: "LayerScale isn't here" },
    act_kwargs: { because: "activations have no settings" },
    norm_kwargs: { because: "norms have no settings" },
    block_type: { because: "other blocks aren't here" },
    qk_norm: { unless: [false], because: "queries and keys have no norm" },
    scaled_cosine_attn: { unless: [false], because: "attention multiplies, and scales nothing else" },
    scale_heads: { unless: [false], because: "attention multiplies, and scales nothing else" },
    scale_attn_inner: { unless: [false], because: "attention has no norm inside" },
    scale_attn: { unless: [false], because: "attention has no norm inside" },
    scale_fc: { unless: [false], because: "the MLP has no norm inside" },
    final_ln_after_pool: { unless: [false], because: "the last norm stands before pooling" },
  },
};

const openVisionKeys: KeyTable = {
  file: "open_clip_config.json: vision_cfg",
  followed: ["head_width"],
  passedOver: {
    ...tower.passedOver,
    [byShape]: ["width", "layers", "mlp_ratio", "image_size", "patch_size"],
    "only training heeds it": ["patch_dropout"],
    "it is about parts that are refused": [
      "attn_pooler_queries", "attn_pooler_heads", "timm_model_pretrained", "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path",
    ],
  },
  refused: {
    ...tower.refused,
    pool_type: { unless: ["tok"], because: "an image's feature is its class token's" },
    no_ln_pre: { unless: [false], because: "there is always a norm before the blocks" },
    pos_embed_type: { unless: ["learnable"], because: "only learned positions are here" },
    attentional_pool: { unless: [false], because: "an image's feature is its class token's" },
    timm_model_name: { because: "only OpenAI's image encoders are here" },
  },
}; // prettier-ignore

const openTextKeys: KeyTable = {
  file: "open_clip_config.json: text_cfg",
  followed: ["heads"],
  passedOver: {
    ...tower.passedOver,
    [byShape]: ["width", "layers", "mlp_ratio", "context_length", "vocab_size"],
    "the tokenizer says it": ["pad_id", "eos_id"],
    "it is about parts that are refused": ["hf_model_pretrained", "hf_proj_type", "hf_pooler_type"],
  },
  refused: {
    ...tower.refused,
    pool_type: { unless: ["argmax"], because: "a text's feature is its last token's" },
    embed_cls: { unless: [false], because: "texts have no class token" },
    no_causal_mask: { unless: [false], because: "tokens look at earlier ones only" },
    proj_type: { unless: ["linear"], because: "the projection is a matrix" },
    proj_bias: { unless: [false], because: "the projection has no bias" },
    hf_model_name: { because: "only OpenAI's text encoders are here" },
    hf_tokenizer_name: { because: "only CLIP's tokenizer is here; lay the tokenizer's files beside the weights" },
    tokenizer_mode: { because: "texts are cleaned as OpenAI's are" },
    tokenizer_kwargs: { because: "texts are cleaned as OpenAI's are" },
  },
};

export const openCLIPKeys: KeyTable = {
  file: "open_clip_config.json",
  followed: [],
  nested: {
    model_cfg: {
      file: "open_clip_config.json: model_cfg",
      followed: ["quick_gelu"],
      passedOver: {
        [byShape]: ["embed_dim", "nonscalar_logit_scale"],
        [initialization]: ["init_logit_scale"],
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
      passedOver: { "the model's image size says it": ["size"] },
      refused: {
        mode: { unless: ["RGB"], because: "pictures are red, green and blue" },
        resize_mode: { unless: ["shortest", "squash"], because: "nothing is filled up around pictures" },
        fill_color: { unless: [0], because: "nothing is filled up" },
      },
    },
  },
};

/** By its form: Hugging Face's has a `model_type`. */
export const clipKeys = (config: JsonObject): KeyTable => (config["model_type"] === undefined ? openAICLIPKeys : hubCLIPKeys);
