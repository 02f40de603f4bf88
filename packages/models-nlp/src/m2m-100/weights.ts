import type { WeightLayout } from "@x/layers/model";
import { marianLayouts } from "../marian/weights.ts";

const [marian] = marianLayouts;

/** Hugging Face's names, as in `facebook/m2m100_418M` and `facebook/nllb-200-distilled-600M`: Marian's, and a norm behind each stack. */
export const m2m100Layouts: readonly [huggingFace: WeightLayout] = [
  {
    ...marian,
    name: "Hugging Face M2M-100",
    table: { ...marian.table, "encoder.norm.*": "model.encoder.layer_norm.*", "decoder.norm.*": "model.decoder.layer_norm.*" },
    ignore: ["model.*.embed_positions.*", "model.*.embed_tokens.weight", "lm_head.weight", "final_logits_bias"],
  },
];
