import { firstOf, type WeightLayout } from "@x/layers/model";
import { marianLayouts } from "../marian/weights.ts";

const [marian] = marianLayouts;
const norms = { "encoder.norm.*": "model.encoder.layer_norm.*", "decoder.norm.*": "model.decoder.layer_norm.*" };
const [encoder, decoder, shared] = [
  "model.encoder.embed_tokens.weight",
  "model.decoder.embed_tokens.weight",
  "model.shared.weight",
] as const;

/** Hugging Face's names, as in `facebook/m2m100_418M` and `facebook/nllb-200-distilled-600M`: Marian's, and a norm behind each stack. */
const tied: WeightLayout = {
  ...marian,
  name: "Hugging Face M2M-100",
  table: { ...marian.table, ...norms },
  ignore: ["model.*.embed_positions.*", encoder, decoder, "lm_head.weight", "final_logits_bias"],
};

/** Of a model whose encoder, decoder and output layer have a table each. */
const untied: WeightLayout = {
  ...tied,
  name: "Hugging Face M2M-100, untied",
  table: { ...tied.table, "encoderEmbedding.weight": firstOf(encoder, shared), "decoderEmbedding.weight": firstOf(decoder, shared) },
  ignore: ["model.*.embed_positions.*", shared, "final_logits_bias"],
};

export const m2m100Layouts: readonly [tied: WeightLayout, untied: WeightLayout] = [tied, untied];
