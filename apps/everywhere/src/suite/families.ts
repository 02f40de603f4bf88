/** One line a model: add yours here, and it runs in every runtime. */
import { MAE, maeLayouts, MLPMixer, mlpMixerLayouts, Swin, swinLayouts, ViT, viTLayouts } from "@x/models-vision";
import { type Family, imageClassifier } from "./family.ts";
import { goldenTensor } from "./golden.ts";
import { largerViT } from "./larger.ts";

export const families: readonly Family[] = [
  imageClassifier("ViT", "models-vision/golden/vit", (files) => ViT.fromPretrained(files), viTLayouts[0]),
  imageClassifier("DeiT", "models-vision/golden/deit_distilled", (files) => ViT.fromPretrained(files), viTLayouts[1]),
  imageClassifier("Swin", "models-vision/golden/swin", (files) => Swin.fromPretrained(files), swinLayouts[0]),
  imageClassifier("MLP-Mixer", "models-vision/golden/timm_mixer", (files) => MLPMixer.fromPretrained(files), mlpMixerLayouts[0]),
  {
    name: "MAE",
    golden: "models-vision/golden/mae",
    layout: maeLayouts[0],
    async load(files) {
      const model = await MAE.fromPretrained(files);
      return {
        model,
        forward(numbers) {
          const { predicted, loss } = model.forward(goldenTensor(numbers, "pixel_values"), goldenTensor(numbers, "noise"));
          return { logits: predicted, loss };
        },
      };
    },
  },
  largerViT,
];
