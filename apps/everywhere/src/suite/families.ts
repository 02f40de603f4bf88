/** One entry a model: add yours here, and it runs in every runtime, and through the tests that every model has to pass. */
import { CLIP, contrastiveLoss, SigLIP, sigmoidLoss } from "@x/clip";
import {
  BertForSequenceClassification,
  DistilBertForSequenceClassification,
  ElectraForSequenceClassification,
  FNetForSequenceClassification,
  M2M100,
  Marian,
  ModernBertForSequenceClassification,
  MPNetForSequenceClassification,
  RobertaForSequenceClassification,
  Transformer,
} from "@x/models-nlp";
import { MAE, MLPMixer, Swin, SwinV2, ViT } from "@x/models-vision";
import { classifiedImages, classifiedTexts, type Family, family, translated } from "./family.ts";
import { goldenIds, goldenTensor } from "./golden.ts";
import { largerViT } from "./larger.ts";

export const families: readonly Family[] = [
  family("ViT", ViT, "models-vision/golden/vit", classifiedImages),
  family("DeiT", ViT, "models-vision/golden/deit_distilled", classifiedImages),
  family("DINOv2", ViT, "models-vision/golden/dinov2_registers", classifiedImages),
  family("timm's SigLIP tower", ViT, "models-vision/golden/timm_map", classifiedImages),
  family("Swin", Swin, "models-vision/golden/swin", classifiedImages),
  family("Swin V2", SwinV2, "models-vision/golden/swin_v2", classifiedImages),
  family("MLP-Mixer", MLPMixer, "models-vision/golden/timm_mixer", classifiedImages),
  family("MAE", MAE, "models-vision/golden/mae", (model, numbers) => {
    const { predicted, loss } = model.forward(goldenTensor(numbers, "pixel_values"), goldenTensor(numbers, "noise"));
    return { logits: predicted, loss };
  }),
  family("BERT", BertForSequenceClassification, "models-nlp/golden/bert_sequence", classifiedTexts),
  family("RoBERTa", RobertaForSequenceClassification, "models-nlp/golden/roberta_sequence", classifiedTexts),
  family("XLM-RoBERTa", RobertaForSequenceClassification, "models-nlp/golden/xlm_roberta_sequence", classifiedTexts),
  family("DistilBERT", DistilBertForSequenceClassification, "models-nlp/golden/distilbert_sequence", classifiedTexts),
  family("MPNet", MPNetForSequenceClassification, "models-nlp/golden/mpnet_sequence", classifiedTexts),
  family("ELECTRA", ElectraForSequenceClassification, "models-nlp/golden/electra_sequence", classifiedTexts),
  family("ModernBERT", ModernBertForSequenceClassification, "models-nlp/golden/modernbert_mean", classifiedTexts),
  family("FNet", FNetForSequenceClassification, "models-nlp/golden/fnet_sequence", classifiedTexts),
  family("Transformer", Transformer, "models-nlp/golden/transformer", translated(0.1)),
  family("M2M-100", M2M100, "models-nlp/golden/m2m_100", translated(0)),
  family("Marian", Marian, "models-nlp/golden/marian", translated(0)),
  family("CLIP", CLIP, "clip/golden/hugging_face", (model, numbers) => {
    const [images, ids] = [goldenTensor(numbers, "pixel_values"), goldenIds(numbers, "input_ids")];
    const { logits, imageEmbeddings, textEmbeddings } = model.forward(images, ids, goldenIds(numbers, "attention_mask"));
    return { logits, loss: contrastiveLoss(imageEmbeddings, textEmbeddings, model.logitScale) };
  }),
  family("SigLIP", SigLIP, "clip/golden/siglip", (model, numbers) => {
    const [images, ids] = [goldenTensor(numbers, "pixel_values"), goldenIds(numbers, "input_ids")];
    const { logits, imageEmbeddings, textEmbeddings } = model.forward(images, ids);
    return { logits, loss: sigmoidLoss(imageEmbeddings, textEmbeddings, model.logitScale, model.logitBias) };
  }),
  largerViT,
];
