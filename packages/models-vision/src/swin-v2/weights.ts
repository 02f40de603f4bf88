import type { WeightLayout } from "@x/layers/model";
import { hubSwinLayout, joinedQkv, mixer, originalSwinLayouts } from "../swin/weights.ts";

type Table = WeightLayout["table"];

/** Both layers of the network for positions, which lies at `path`; and the scale. */
const positions = (attention: string, network: string): Table => ({
  [`${mixer}.logitScale`]: `${attention}.logit_scale`,
  [`${mixer}.positionBias.*1`]: `${attention}.${network}.0.*`,
  [`${mixer}.positionBias.*2`]: `${attention}.${network}.2.*`,
});

const huggingFace = hubSwinLayout("Hugging Face Swin V2", "swinv2", (attention) => ({
  ...positions(attention, "continuous_position_bias_mlp"),
  ...joinedQkv(attention, "weight"),
  [`${mixer}.queryBias`]: `${attention}.query.bias`,
  [`${mixer}.valueBias`]: `${attention}.value.bias`,
}));

export const swinV2Layouts: readonly [huggingFace: WeightLayout, timm: WeightLayout, microsoft: WeightLayout] = [
  huggingFace,
  ...originalSwinLayouts((attention) => ({
    ...positions(attention, "cpb_mlp"),
    [`${mixer}.queryBias`]: `${attention}.q_bias`,
    [`${mixer}.valueBias`]: `${attention}.v_bias`,
  })),
];
