import { type Family, isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { modernBertChoices, type ModernBertConfig, modernBertDefaults } from "./config.ts";
import { modernBertLayouts } from "./weights.ts";

const rope = (layers: string) => ({
  file: `config.json of ModernBERT: rope_parameters: ${layers}`,
  followed: ["rope_theta"],
  refused: { rope_type: { unless: ["default"], because: "angles are only turned in the usual way" } },
});

/** ModernBERT as Hugging Face's library has it. */
export const modernBertFamily: Family<ModernBertConfig, TextEncoderModel<ModernBertConfig>> = textEncoderFamily({
  model: "ModernBERT",
  defaults: modernBertDefaults,
  choices: modernBertChoices,
  names: {
    hiddenActivation: "hiddenAct",
    normEps: "layerNormEps",
    embeddingDropout: "hiddenDropoutProb",
    attentionDropout: "attentionProbsDropoutProb",
  },
  keys: {
    followed: ["global_attn_every_n_layers", "sliding_window"],
    passedOver: {
      "only a fresh model heeds it, and all of its weights have one deviation": ["initializer_cutoff_factor"],
      "it is another way to the same numbers": ["deterministic_flash_attn", "reference_compile", "repad_logits_with_grad"],
      "words are predicted everywhere": ["sparse_prediction", "sparse_pred_ignore_index"],
      "all positions are rotary": ["position_embedding_type"],
    },
    refused: { rope_scaling: { because: "angles are only turned in the usual way" } },
    nested: {
      rope_parameters: {
        file: "config.json of ModernBERT: rope_parameters",
        followed: [],
        nested: { full_attention: rope("full_attention"), sliding_attention: rope("sliding_attention") },
      },
    },
  },
  settingsOf: modernBertSettings,
  layouts: ({ tieWordEmbeddings }) => [modernBertLayouts[tieWordEmbeddings === false ? 1 : 0]],
});

/** Which layers see all, and how positions turn: under later names, or those of the first files. */
function modernBertSettings(json: JsonObject): JsonObject {
  const every = json["global_attn_every_n_layers"] ?? 3;
  const layers = json["num_hidden_layers"] ?? modernBertDefaults.numHiddenLayers;
  const found = json["rope_parameters"] ?? {};
  const thetaOf = (kind: string, usual: Json): Json => {
    const own = isJsonObject(found) ? found[kind] : undefined;
    return (isJsonObject(own) ? own["rope_theta"] : undefined) ?? usual;
  };
  const half = json["sliding_window"];
  return {
    ...(typeof half === "number" && { localAttention: 2 * half }),
    globalRopeTheta: thetaOf("full_attention", json["global_rope_theta"] ?? modernBertDefaults.globalRopeTheta),
    localRopeTheta: thetaOf("sliding_attention", json["local_rope_theta"] ?? modernBertDefaults.localRopeTheta),
    layerTypes:
      json["layer_types"] ??
      Array.from({ length: Number(layers) }, (_, i) => (i % Number(every) === 0 ? "full_attention" : "sliding_attention")),
  };
}
