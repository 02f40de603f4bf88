import type { AutoClasses, AutoFamilies } from "@x/layers/model";
import type { ImageClassifier } from "../tasks/classify.ts";
import type { ImageEmbedder } from "../tasks/embed-image.ts";

/** What models can do, by their heads. */
export interface ImageHeads {
  readonly Model: ImageEmbedder;
  readonly ForImageClassification: ImageClassifier;
  readonly ForImageClassificationWithTeacher: ImageClassifier;
  readonly ForPreTraining: object;
}

type Classes = Promise<AutoClasses<ImageHeads>>;

async function viT(): Classes {
  const { ViT } = await import("../vit/vit.ts");
  return { ForImageClassification: ViT, ForImageClassificationWithTeacher: ViT, Model: ViT };
}

async function swin(): Classes {
  const { Swin } = await import("../swin/swin.ts");
  return { ForImageClassification: Swin, Model: Swin };
}

async function swinV2(): Classes {
  const { SwinV2 } = await import("../swin-v2/swin-v2.ts");
  return { ForImageClassification: SwinV2, Model: SwinV2 };
}

async function mlpMixer(): Classes {
  const { MLPMixer } = await import("../mlp-mixer/mlp-mixer.ts");
  return { ForImageClassification: MLPMixer, Model: MLPMixer };
}

/** A line for each `model_type`. What a masked autoencoder has learned is used as a ViT. */
export const imageFamilies: AutoFamilies<ImageHeads> = {
  families: {
    vit: viT,
    deit: viT,
    dinov2: viT,
    dinov2_with_registers: viT,
    vit_msn: viT,
    vit_mae: async () => ({ ForPreTraining: (await import("../mae/mae.ts")).MAE, ...(await viT()) }),
    swin,
    swinv2: swinV2,
    mlp_mixer: mlpMixer,
  },
  entries: {
    "decoder_embed.weight": "vit_mae",
    "layers.{i}.blocks.{j}.attn.relative_position_bias_table": "swin",
    "layers.{i}.blocks.{j}.attn.logit_scale": "swinv2",
    "blocks.{i}.mlp_tokens.fc1.weight": "mlp_mixer",
    "blocks.{i}.attn.qkv.weight": "vit",
  },
};
