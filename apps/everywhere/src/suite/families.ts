/** One entry a model: add yours here, and it runs in every runtime. */
import { CLIP, clipLayouts, contrastiveLoss } from "@x/clip";
import {
  BertForSequenceClassification,
  bertLayouts,
  FNetForSequenceClassification,
  fNetLayouts,
  Marian,
  marianLayouts,
  Transformer,
  transformerLayouts,
} from "@x/models-nlp";
import { MAE, maeLayouts, MLPMixer, mlpMixerLayouts, Swin, swinLayouts, ViT, viTLayouts } from "@x/models-vision";
import { type Family, family, imageClassifier, textClassifier, translator } from "./family.ts";
import { goldenIds, goldenTensor } from "./golden.ts";
import { largerViT } from "./larger.ts";

export const families: readonly Family[] = [
  imageClassifier("ViT", "models-vision/golden/vit", (files) => ViT.fromPretrained(files), viTLayouts[0]),
  imageClassifier("DeiT", "models-vision/golden/deit_distilled", (files) => ViT.fromPretrained(files), viTLayouts[1]),
  imageClassifier("Swin", "models-vision/golden/swin", (files) => Swin.fromPretrained(files), swinLayouts[0]),
  imageClassifier("MLP-Mixer", "models-vision/golden/timm_mixer", (files) => MLPMixer.fromPretrained(files), mlpMixerLayouts[0]),
  family(
    "MAE",
    "models-vision/golden/mae",
    (files) => MAE.fromPretrained(files),
    maeLayouts[0],
    (model, numbers) => {
      const { predicted, loss } = model.forward(goldenTensor(numbers, "pixel_values"), goldenTensor(numbers, "noise"));
      return { logits: predicted, loss };
    },
  ),
  textClassifier("BERT", "models-nlp/golden/bert_sequence", (files) => BertForSequenceClassification.fromPretrained(files), bertLayouts[0]),
  textClassifier("FNet", "models-nlp/golden/fnet_sequence", (files) => FNetForSequenceClassification.fromPretrained(files), fNetLayouts[0]),
  translator("Transformer", "models-nlp/golden/transformer", (files) => Transformer.fromPretrained(files), transformerLayouts[0], 0.1),
  translator("Marian", "models-nlp/golden/marian", (files) => Marian.fromPretrained(files), marianLayouts[0], 0),
  family(
    "CLIP",
    "clip/golden/hugging_face",
    (files) => CLIP.fromPretrained(files),
    clipLayouts[0],
    (model, numbers) => {
      const ids = goldenIds(numbers, "input_ids");
      const { logits, imageEmbeddings, textEmbeddings } = model.forward(
        goldenTensor(numbers, "pixel_values"),
        ids,
        goldenIds(numbers, "attention_mask"),
      );
      return { logits, loss: contrastiveLoss(imageEmbeddings, textEmbeddings, model.logitScale) };
    },
  ),
  largerViT,
];
