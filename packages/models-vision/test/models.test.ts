/** What every image model promises, on each golden model; what is its paper's own stands in the file of its name. */
import { crossEntropy, Rng, type Tensor, type Trace } from "@x/layers";
import { describeModels, describeSizes, type Golden, type ModelRow, type PretrainedModel } from "@x/testing";
import {
  dinoV2Preset,
  MAE,
  maeLayouts,
  MLPMixer,
  mlpMixerLayouts,
  mlpMixerPreset,
  Swin,
  swinLayouts,
  swinPreset,
  SwinV2,
  swinV2Layouts,
  swinV2Preset,
  ViT,
  viTPreset,
} from "../src/index.ts";
import { viTLayouts } from "../src/vit/weights.ts";
import { goldenFolder, readGolden } from "./golden.ts";

type Classifier = PretrainedModel & { forward(images: Tensor, options?: { readonly trace?: Trace }): Tensor };
const logits = (model: Classifier, golden: Golden, trace?: Trace): Tensor =>
  model.forward(golden.tensor("pixel_values"), trace && { trace });

const classifier: Pick<ModelRow<Classifier>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => ({ logits: logits(model, golden, trace) }),
  loss: (model, golden) => crossEntropy(logits(model, golden), golden.ids("labels")),
};
const maskedAutoencoder: Pick<ModelRow<MAE>, "kind" | "layout" | "outputs" | "loss"> = {
  kind: MAE,
  layout: maeLayouts[0],
  outputs: (model, golden, trace) => {
    const images = golden.tensor("pixel_values");
    const { predicted, mask } = model.forward(images, golden.tensor("noise"));
    return { logits: predicted, latent: model.encode(images, mask.keptIds, trace && { trace }) };
  },
  loss: (model, golden) => model.forward(golden.tensor("pixel_values"), golden.tensor("noise")).loss,
};
const { viT, deiT, timm, timmPooledNorm } = viTLayouts;
const [swin, timmSwin] = swinLayouts;
const times = (count: number, shape: readonly number[]): (readonly number[])[] => new Array<readonly number[]>(count).fill(shape);
const ofViT = (tokens: number) => ({ hiddenStates: times(3, [2, tokens, 24]), attentions: times(2, [2, 3, tokens, tokens]) });

await describeModels({ goldenFolder, readGolden }, [
  { ...classifier, name: "vit", kind: ViT, layout: viT, trace: ofViT(17) },
  { ...classifier, name: "vit_interpolated", kind: ViT, layout: viT, trace: ofViT(31) },
  {
    ...classifier,
    name: "deit_distilled",
    kind: ViT,
    layout: deiT,
    trace: ofViT(18),
    lora: { modulesToSave: ["cls_classifier", "distillation_classifier"] },
  },
  {
    ...classifier,
    name: "deit_one_head",
    kind: ViT,
    layout: viTLayouts.deiTOneHead,
    trace: ofViT(18),
    lora: { modulesToSave: ["classifier"] },
  },
  { ...classifier, name: "vit_oblong", kind: ViT, layout: viT, trace: ofViT(25) },
  { ...classifier, name: "deit_oblong", kind: ViT, layout: viTLayouts.deiTOneHead, trace: ofViT(26) },
  { ...classifier, name: "timm_vit_oblong", kind: ViT, layout: timm, trace: ofViT(25), changesNames: true },
  { ...classifier, name: "timm_vit", kind: ViT, layout: timm, trace: ofViT(17), changesNames: true },
  { ...classifier, name: "timm_vit_mean", kind: ViT, layout: timmPooledNorm, trace: ofViT(17) },
  { ...classifier, name: "dinov2", kind: ViT, layout: viTLayouts.dinoV2 },
  { ...classifier, name: "dinov2_swiglu", kind: ViT, layout: viTLayouts.dinoV2Gated },
  { ...classifier, name: "dinov2_registers", kind: ViT, layout: viTLayouts.dinoV2Registers },
  ...["deit3", "clip", "mean_normed", "map", "swiglu", "unnormed"].map((name) => ({
    ...classifier,
    name: `timm_${name}`,
    kind: ViT,
    layout: timm,
    changesNames: true, // an architecture's, and arguments for all that it leaves open
  })),
  ...["gap_registers", "branch_norm"].map((name) => ({
    ...classifier,
    name: `timm_${name}`,
    kind: ViT,
    layout: timmPooledNorm,
    changesNames: true,
  })),
  { ...maskedAutoencoder, name: "mae", trace: ofViT(5) },
  { ...maskedAutoencoder, name: "mae_norm_pix", trace: ofViT(5), changesNames: true },
  {
    ...classifier,
    name: "swin",
    kind: Swin,
    layout: swin,
    trace: {
      hiddenStates: [...times(1, [2, 256, 8]), [2, 64, 16], [2, 64, 16]],
      attentions: [...times(2, [32, 2, 16, 16]), ...times(2, [8, 4, 16, 16])],
      goldenAttentions: [1, 3], // Hugging Face keeps each stage's last
    },
  },
  { ...classifier, name: "swin_padded", kind: Swin, layout: swin, lora: { targetModules: ["qkv", "reduction"] } },
  { ...classifier, name: "swin_absolute", kind: Swin, layout: swin },
  { ...classifier, name: "swin_oblong", kind: Swin, layout: swin },
  { ...classifier, name: "swin_v2_oblong", kind: SwinV2, layout: swinV2Layouts[0] },
  { ...classifier, name: "timm_swin_v2_oblong", kind: SwinV2, layout: swinV2Layouts[1], changesNames: true },
  { ...classifier, name: "timm_swin", kind: Swin, layout: timmSwin, changesNames: true },
  { ...classifier, name: "timm_swin_padded", kind: Swin, layout: timmSwin, changesNames: true },
  {
    ...classifier,
    name: "swin_v2",
    kind: SwinV2,
    layout: swinV2Layouts[0],
    trace: {
      hiddenStates: [...times(1, [2, 256, 8]), [2, 64, 16], [2, 64, 16]],
      attentions: [...times(2, [32, 2, 16, 16]), ...times(2, [8, 4, 16, 16])],
    },
  },
  { ...classifier, name: "swin_v2_padded", kind: SwinV2, layout: swinV2Layouts[0], lora: { targetModules: ["qkv", "reduction"] } },
  { ...classifier, name: "timm_swin_v2", kind: SwinV2, layout: swinV2Layouts[1], changesNames: true },
  { ...classifier, name: "timm_swin_v2_partitioned", kind: SwinV2, layout: swinV2Layouts[1], changesNames: true },
  { ...classifier, name: "timm_mixer_oblong", kind: MLPMixer, layout: mlpMixerLayouts[0], changesNames: true },
  {
    ...classifier,
    name: "timm_mixer",
    kind: MLPMixer,
    layout: mlpMixerLayouts[0],
    trace: { hiddenStates: times(3, [2, 16, 24]), attentions: [] },
    lora: { targetModules: ["fc1", "fc2"], modulesToSave: ["head"] },
  },
]);

const make = (kind: new (config: object, rng: Rng) => ViT | MAE | Swin | SwinV2 | MLPMixer, config: object) => () =>
  new kind(config, new Rng(0));
describeSizes([
  ["ViT-Ti/16", make(ViT, viTPreset("ViT-Ti/16")), 5_717_416],
  ["ViT-S/16", make(ViT, viTPreset("ViT-S/16")), 22_050_664],
  ["ViT-B/16", make(ViT, viTPreset("ViT-B/16")), 86_567_656],
  ["ViT-Large/16", make(ViT, viTPreset("ViT-Large/16")), 304_326_632],
  ["ViT-H/14", make(ViT, viTPreset("ViT-H/14")), 632_045_800],
  ["DINOv2-S/14", make(ViT, dinoV2Preset("DINOv2-S/14")), 22_056_192], // of pre-training's mask token, its width more
  ["DINOv2-B/14", make(ViT, dinoV2Preset("DINOv2-B/14")), 86_579_712],
  ["DINOv2-B/14 with registers", make(ViT, dinoV2Preset("DINOv2-B/14", 4)), 86_582_784],
  ["DINOv2-L/14", make(ViT, dinoV2Preset("DINOv2-L/14")), 304_367_616],
  ["DINOv2-g/14", make(ViT, dinoV2Preset("DINOv2-g/14")), 1_136_479_232],
  ["MAE with ViT-B/16", make(MAE, viTPreset("ViT-B/16")), 111_907_840],
  ["MAE with ViT-L/16", make(MAE, viTPreset("ViT-L/16")), 329_541_888],
  ["MAE with ViT-H/14", make(MAE, viTPreset("ViT-H/14")), 657_074_508],
  ["Swin-T", make(Swin, swinPreset("Swin-T")), 28_288_354],
  ["Swin-S", make(Swin, swinPreset("Swin-S")), 49_606_258],
  ["Swin-B", make(Swin, swinPreset("Swin-B")), 87_768_224],
  ["Swin-L", make(Swin, swinPreset("Swin-L")), 196_532_476],
  ["SwinV2-T", make(SwinV2, swinV2Preset("SwinV2-T")), 28_347_154],
  ["SwinV2-S", make(SwinV2, swinV2Preset("SwinV2-S")), 49_728_418],
  ["SwinV2-B", make(SwinV2, swinV2Preset("SwinV2-B")), 87_918_816],
  ["SwinV2-L", make(SwinV2, swinV2Preset("SwinV2-L")), 196_739_932],
  ["Mixer-S/32", make(MLPMixer, mlpMixerPreset("Mixer-S/32")), 19_104_624],
  ["Mixer-S/16", make(MLPMixer, mlpMixerPreset("Mixer-S/16")), 18_528_264],
  ["Mixer-B/32", make(MLPMixer, mlpMixerPreset("Mixer-B/32")), 60_293_428],
  ["Mixer-B/16", make(MLPMixer, mlpMixerPreset("Mixer-B/16")), 59_880_472],
  ["Mixer-L/16", make(MLPMixer, mlpMixerPreset("Mixer-L/16")), 208_196_168],
]);
