import type { WeightLayout } from "@x/layers/model";

/** timm's names, as in `timm/mixer_b16_224.goog_in21k_ft_in1k`. */
export const mlpMixerLayouts: readonly [timm: WeightLayout] = [
  {
    name: "timm",
    table: {
      "patchEmbed.*": "stem.proj.*",
      "blocks.{i}.norm1.*": "blocks.{i}.norm1.*",
      "blocks.{i}.mixer.mlp.*": "blocks.{i}.mlp_tokens.*",
      "blocks.{i}.norm2.*": "blocks.{i}.norm2.*",
      "blocks.{i}.mlp.*": "blocks.{i}.mlp_channels.*",
      "norm.*": "norm.*",
      "head.*": "head.*",
    },
  },
];
