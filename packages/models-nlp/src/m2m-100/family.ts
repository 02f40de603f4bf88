import { camelCaseKeys, checkModelType, configFrom, type Family, hubKeys, openPretrained, snakeCaseKeys } from "@x/layers/model";
import { generationKeys } from "../generation/generation-keys.ts";
import { completeConfig } from "../transformer/config.ts";
import { transformerFamily, type TranslationModel } from "../transformer/family.ts";
import { type M2M100Config, m2m100Defaults } from "./config.ts";
import { m2m100Layouts } from "./weights.ts";
import { marianTies } from "../marian/weights.ts";

/** M2M-100 and NLLB's dense models as Hugging Face's library has them, with their tokenizer and what `generation_config.json` says. */
export const m2m100Family: Family<M2M100Config, TranslationModel<M2M100Config>> = {
  open: openPretrained,
  keys: hubKeys("M2M-100", m2m100Defaults, {
    followed: ["is_encoder_decoder"],
    passedOver: {
      "`generation_config.json`'s table has them, for where there is no such file": generationKeys.followed.concat(
        Object.keys(generationKeys.refused ?? {}),
      ),
      "only training heeds it, and it isn't here": ["activation_dropout", "encoder_layerdrop", "decoder_layerdrop"],
      "`tie_word_embeddings` says it, and there is one vocabulary": ["share_encoder_decoder_embeddings", "decoder_vocab_size"],
      "`encoder_layers` and `d_model` say it": ["num_hidden_layers", "hidden_size", "num_attention_heads"],
    },
    refused: {
      normalize_before: { unless: [true], because: "M2M-100's norms stand before its layers" },
      add_final_layer_norm: { unless: [true], because: "M2M-100's stacks end in one" },
      normalize_embedding: { unless: [false], because: "the embeddings have no norm" },
    },
  }),
  configFrom: ({ config: json, checkpoint: { label } }) => {
    checkModelType("M2M-100", json["model_type"], ["m2m_100"], label);
    const { normalizeBefore: _before, addFinalLayerNorm: _final, ...known } = camelCaseKeys(json);
    const config = configFrom(m2m100Defaults, known);
    return completeConfig(m2m100Defaults, {
      ...config,
      shareEncoderDecoderEmbeddings: config.tieWordEmbeddings,
      decoderVocabSize: config.vocabSize,
    });
  },
  hubConfig: ({ config }) =>
    snakeCaseKeys({ ...config, architectures: ["M2M100ForConditionalGeneration"], isEncoderDecoder: true, modelType: "m2m_100" }),
  ties: marianTies,
  layouts: ({ tieWordEmbeddings }) => [m2m100Layouts[tieWordEmbeddings ? 0 : 1]],
  adapterLayouts: ({ tieWordEmbeddings }) => {
    const { basePrefix: _inside, ...layout } = m2m100Layouts[tieWordEmbeddings ? 0 : 1];
    return [layout];
  },
  parts: transformerFamily.parts ?? [],
};
