/** What every model promises, on each golden CLIP; what is its paper's own stands in clip.test.ts. */
import { type Module, Rng } from "@x/layers";
import { describeModels, describeSizes, type ModelRow } from "@x/testing";
import {
  CLIP,
  clipLayouts,
  clipPreset,
  contrastiveLoss,
  SigLIP,
  sigLIPConfig,
  sigLIPPreset,
  sigmoidLoss,
  TextTransformer,
  VisionTransformer,
} from "../src/index.ts";
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

const sigLIP: Pick<ModelRow<SigLIP>, "kind" | "outputs" | "loss"> = {
  kind: SigLIP,
  outputs: (model, golden, trace) => {
    const [images, ids] = [golden.tensor("pixel_values"), golden.ids("input_ids")];
    const { logits } = model.forward(images, ids);
    const options = trace && { trace };
    return { image_features: model.visual.forward(images, options), text_features: model.text.forward(ids, undefined, options), logits };
  },
  loss: (model, golden) => {
    const { imageEmbeddings, textEmbeddings } = model.forward(golden.tensor("pixel_values"), golden.ids("input_ids"));
    return sigmoidLoss(imageEmbeddings, textEmbeddings, model.logitScale, model.logitBias);
  },
};
const [sigLIPLayoutOfGolden] = SigLIP.family.layouts(
  sigLIPConfig({ textConfig: { hiddenSize: 12 }, visionConfig: { hiddenSize: 12, imageSize: 16, patchSize: 4 } }),
);

await describeModels({ goldenFolder, readGolden }, [
  { ...clip, name: "hugging_face", layout: huggingFace, lora: { targetModules: ["q_proj", "v_proj"] } },
  { ...clip, name: "open_clip_vit", layout: openAI, lora: { targetModules: /text_model\..*|text_projection/ }, changesNames: true },
  { ...clip, name: "open_clip_resnet", layout: openAI, lora: { targetModules: ["qProj", "vProj"] }, slopeTolerance: 0.4 },
  { ...sigLIP, name: "siglip", layout: sigLIPLayoutOfGolden, lora: { targetModules: ["q_proj", "fc1"] } },
]);

const makeSigLIP = (name: string) => (): Module => new SigLIP(sigLIPPreset(name), new Rng(0));
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
  ["SigLIP-B/16", makeSigLIP("SigLIP-B/16"), 203_155_970],
  ["SigLIP-L/16", makeSigLIP("SigLIP-L/16"), 652_150_786],
  ["SigLIP-So400m/14", makeSigLIP("SigLIP-So400m/14"), 877_960_498],
]);
