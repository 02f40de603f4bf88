import { joined, type WeightLayout } from "@x/layers/model";
import { encoderNames, idleNames, lmHeadNames } from "../text-encoder/weights.ts";

const attention = "mpnet.encoder.layer.{i}.attention";

/** Hugging Face's names, as in `microsoft/mpnet-base`. */
const layout = (isTied: boolean): WeightLayout => ({
  name: "Hugging Face MPNet",
  basePrefix: "mpnet.",
  table: {
    ...encoderNames("mpnet", isTied ? "lm_head.decoder.weight" : undefined),
    "blocks.{i}.mixer.qkv.*": joined(`${attention}.attn.q.*`, `${attention}.attn.k.*`, `${attention}.attn.v.*`),
    "blocks.{i}.mixer.proj.*": `${attention}.attn.o.*`,
    "blocks.{i}.norm1.weight": `${attention}.LayerNorm.weight`,
    "blocks.{i}.norm1.bias": `${attention}.LayerNorm.bias`,
    "positionBias.table.*": "mpnet.encoder.relative_attention_bias.*",
    ...lmHeadNames(isTied),
    "classifier.outProj.*": "classifier.out_proj.*",
    "classifier.*": "classifier.*",
    "qaOutputs.*": "qa_outputs.*",
  },
  ignore: ["lm_head.*", "classifier.*", "qa_outputs.*", "mpnet.pooler.*", ...idleNames("mpnet")],
});
export const mpNetLayouts: readonly [tied: WeightLayout, untied: WeightLayout] = [layout(true), layout(false)];
