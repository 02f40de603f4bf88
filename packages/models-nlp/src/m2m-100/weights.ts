import type { WeightLayout } from "@x/layers/model";
import { marianLayouts } from "../marian/weights.ts";

/** Hugging Face's names, as in `facebook/m2m100_418M` and `facebook/nllb-200-distilled-600M`: Marian's, and a norm behind each stack. */
const withNorms = (name: string, { table, ignore = [], ...marian }: WeightLayout): WeightLayout => ({
  ...marian,
  name,
  table: { ...table, "encoder.norm.*": "model.encoder.layer_norm.*", "decoder.norm.*": "model.decoder.layer_norm.*" },
  ignore: [...ignore, "model.*.embed_positions.*", "final_logits_bias"],
});

const [oneTable, , threeTables] = marianLayouts;

/** Of a model whose encoder, decoder and output layer have one table, and of one that has a table for each. */
export const m2m100Layouts: readonly [tied: WeightLayout, untied: WeightLayout] = [
  withNorms("Hugging Face M2M-100", oneTable),
  withNorms("Hugging Face M2M-100, untied", threeTables),
];
