import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  hubKeys,
  type JsonObject,
  openPretrained,
  type PretrainedFiles,
  snakeCaseKeys,
} from "@x/layers/model";
import { generationKeys } from "../generation/generation-keys.ts";
import { completeConfig } from "../transformer/config.ts";
import { transformerFamily, type TranslationModel } from "../transformer/family.ts";
import { type MarianConfig, marianDefaults } from "./config.ts";
import { marianLayout, marianTies } from "./weights.ts";

/** Marian as Hugging Face's library has it, with its tokenizers (`source.spm`, `target.spm`, `vocab.json`) and what `generation_config.json` says. */
export const marianFamily: Family<MarianConfig, TranslationModel<MarianConfig>> = {
  open: openPretrained,
  keys: hubKeys("Marian", marianDefaults, {
    followed: ["is_encoder_decoder", "num_hidden_layers", "hidden_size", "num_attention_heads"],
    passedOver: {
      "`generation_config.json`'s table has them, for where there is no such file": generationKeys.followed.concat(
        Object.keys(generationKeys.refused ?? {}),
      ),
      "only training heeds it, and it isn't here": [
        "activation_dropout",
        "encoder_layerdrop",
        "decoder_layerdrop",
        "classifier_dropout",
        "classif_dropout",
      ],
      "positions are computed": ["static_position_embeddings", "extra_pos_embeddings"],
    },
    refused: {
      normalize_before: { unless: [false], because: "Marian's norms stand behind the sums" },
      add_final_layer_norm: { unless: [false], because: "Marian's stacks end without one" },
      normalize_embedding: { unless: [false], because: "the embeddings have no norm" },
      add_bias_logits: { unless: [false], because: "`final_logits_bias` is always added" },
    },
  }),
  configFrom: marianConfigFrom,
  hubConfig: ({ config }) => marianHubConfig(config),
  ties: marianTies,
  layouts: (config) => [marianLayout(config)],
  adapterLayouts: (config) => {
    // All parameters are below `model.`, but adapters are made for MarianMTModel, which has that prefix, not for what is inside.
    const { basePrefix: _inside, ...layout } = marianLayout(config);
    return [layout];
  },
  parts: transformerFamily.parts ?? [],
};

function marianConfigFrom({ config: json, checkpoint: { label: file } }: PretrainedFiles): MarianConfig {
  checkModelType("a Marian model", json["model_type"], ["marian"], file);
  const own = camelCaseKeys(json);
  // All models' names count more than Marian's own, as in Hugging Face's library.
  const known: JsonObject = {
    ...own,
    encoderLayers: own["numHiddenLayers"] ?? own["encoderLayers"] ?? null,
    dModel: own["hiddenSize"] ?? own["dModel"] ?? null,
    encoderAttentionHeads: own["numAttentionHeads"] ?? own["encoderAttentionHeads"] ?? null,
  };
  const decoderVocabSize = known["decoderVocabSize"] ?? known["vocabSize"] ?? marianDefaults.vocabSize;
  return completeConfig(marianDefaults, configFrom(marianDefaults, { ...known, decoderVocabSize }));
}

/** What Hugging Face's library doesn't know (`layer_norm_eps`) it passes over. */
function marianHubConfig(config: MarianConfig): JsonObject {
  return snakeCaseKeys({ ...config, architectures: ["MarianMTModel"], isEncoderDecoder: true, modelType: "marian" });
}
