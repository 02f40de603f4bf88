/** What every model promises, on each golden CLIP; what is its paper's own stands in clip.test.ts. */
import { type Module, Rng } from "@x/layers";
import { describeModels, describeSizes, type ModelRow } from "@x/testing";
import { CLIP, clipLayouts, clipPreset, contrastiveLoss, TextTransformer, VisionTransformer } from "../src/index.ts";
import { goldenFolder, goldenInputs, readGolden } from "./golden.ts";

const [huggingFace, openAI] = clipLayouts;
const clip: Pick<ModelRow<CLIP>, "kind" | "outputs" | "loss"> = {
  kind: CLIP,
  outputs: (model, golden, trace) => {
    const [images, ids, mask] = goldenInputs(golden);
    const { visual, text } = model;
    return {
      image_features: visual instanceof VisionTransformer ? visual.forward(images, trace && { trace }) : visual.forward(images),
      text_features: text instanceof TextTransformer ? text.forward(ids, mask, trace && { trace }) : text.forward(ids, mask),
      logits: model.forward(images, ids, mask).logits,
    };
  },
  loss: (model, golden) => {
    const { imageEmbeddings, textEmbeddings } = model.forward(...goldenInputs(golden));
    return contrastiveLoss(imageEmbeddings, textEmbeddings, model.logitScale);
  },
};

await describeModels({ goldenFolder, readGolden }, [
  { ...clip, name: "hugging_face", layout: huggingFace, lora: { targetModules: ["q_proj", "v_proj"] } },
  { ...clip, name: "open_clip_vit", layout: openAI, lora: { targetModules: /text_model\..*|text_projection/ }, changesNames: true },
  { ...clip, name: "open_clip_resnet", layout: openAI, lora: { targetModules: ["qProj", "vProj"] }, slopeTolerance: 0.4 },
]);

const make = (name: string) => (): Module => new CLIP(clipPreset(name), new Rng(0));
describeSizes([
  ["RN50", make("RN50"), 102_007_137],
  ["RN101", make("RN101"), 119_688_033],
  ["RN50x4", make("RN50x4"), 178_300_601],
  ["RN50x16", make("RN50x16"), 290_979_217],
  ["RN50x64", make("RN50x64"), 623_258_305],
  ["ViT-B/32", make("ViT-B/32"), 151_277_313],
  ["ViT-B/16", make("ViT-B/16"), 149_620_737],
  ["ViT-L/14", make("ViT-L/14"), 427_616_513],
  ["ViT-L/14@336", make("ViT-L/14@336"), 427_944_193],
]);
