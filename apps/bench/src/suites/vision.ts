/** One forward pass of the vision models, from pixels to logits; of MAE, of its encoder with three quarters of the patches masked. */
import { drawNormal, intTensor, type Module, noGrad, Rng, tensor, type Tensor } from "@x/layers";
import { sidesOf } from "@x/layers/model";
import {
  dinoV2Preset,
  MAE,
  maeCost,
  maeDefaults,
  MLPMixer,
  mlpMixerCost,
  mlpMixerDefaults,
  mlpMixerPreset,
  Swin,
  type SwinConfig,
  swinCost,
  swinDefaults,
  swinPreset,
  SwinV2,
  type SwinV2Config,
  swinV2Defaults,
  swinV2Preset,
  ViT,
  type ViTConfig,
  viTCost,
  viTDefaults,
  viTPreset,
} from "@x/models-vision";
import type { Case, Suite, TensorFlow, TensorFlowTensor } from "../case.ts";
import { mlpMixerModel } from "../onnx/mlp-mixer.ts";
import { swinModel } from "../onnx/swin.ts";
import { swinV2Model } from "../onnx/swin-v2.ts";
import { maeEncoderModel, viTEncoderModel, viTModel } from "../onnx/vit.ts";
import { normal } from "../random.ts";
import { viTOf } from "../tfjs/vit.ts";
import { Weights } from "../weights.ts";

export const viTSuite: Suite = ({ quick }) =>
  quick
    ? [viT("ViT-Ti/16, 2 layers, 64 px", { ...viTPreset("ViT-Ti/16"), numHiddenLayers: 2, imageSize: 64 }, 2)]
    : [1, 8].map((batch) => viT("ViT-B/16", viTPreset("ViT-B/16"), batch));

export const visionSuite: Suite = ({ quick }) => [
  quick ? swin("Swin, 2 stages", { imageSize: 112, embedDim: 48, depths: [2, 2], numHeads: [2, 4] }) : swin("Swin-T", swinPreset("Swin-T")),
  maeEncoder(quick ? 64 : 224),
  mlpMixer(quick ? 64 : 224),
  dinoV2(quick ? 56 : 224),
  quick
    ? swinV2("Swin V2, 2 stages", { imageSize: 64, windowSize: 8, embedDim: 48, depths: [2, 2], numHeads: [2, 4] })
    : swinV2("SwinV2-T", swinV2Preset("SwinV2-T")),
];

/** A model on images of N(0, 1). */
interface Vision<Model extends Module> {
  readonly name: string;
  readonly flops: number;
  readonly dims: readonly [batch: number, channels: number, height: number, width: number];
  readonly thorough?: boolean;
  readonly make: () => Promise<Model>;
  readonly run: (model: Model, images: Tensor) => Tensor;
  readonly onnx: (model: Model, weights: Weights) => Uint8Array<ArrayBuffer>;
  readonly tensorFlow?: (tf: TensorFlow, model: Model, weights: Weights) => (images: Float32Array, batch: number) => TensorFlowTensor;
}

function visionCase<Model extends Module>({ name, flops, dims, thorough = dims[0] > 1, make, run, onnx, tensorFlow }: Vision<Model>): Case {
  return {
    name: `${name}, batch ${dims[0]}`,
    costs: [{ title: name, axis: "batch", size: dims[0], of: name }],
    thorough,
    flops: dims[0] * flops,
    tolerance: 1e-4,
    prepare: async () => {
      const model = await make();
      fillWhatIsZero(model);
      const weights = new Weights(model);
      const images = normal(
        dims.reduce((size, side) => size * side),
        2,
      );
      return {
        ours: { name: "ours", run: () => noGrad(() => run(model, tensor(images, dims)).toTypedArray()), dispose: () => model.dispose() },
        onnx: { inputs: { images: { dims, data: images } }, model: () => onnx(model, weights) },
        ...(tensorFlow && {
          tensorFlow: (tf: TensorFlow) => {
            const forward = tensorFlow(tf, model, weights);
            return () => forward(images, dims[0]);
          },
        }),
      };
    },
  };
}

/** A fresh model has zeros, such as its head's: outputs would agree whatever was made of the rest. */
function fillWhatIsZero(model: Module): void {
  const rng = new Rng(1);
  for (const parameter of model.parameters()) if (parameter.data.every((value) => value === 0)) drawNormal(parameter, rng, 0, 0.05);
}

function viT(name: string, given: Partial<ViTConfig>, batch: number): Case {
  const config = { ...viTDefaults, ...given, layerNormEps: 1e-6 };
  const { attentionFlops, otherFlops } = viTCost(config);
  return visionCase({
    name,
    flops: attentionFlops + otherFlops,
    dims: [batch, 3, ...sidesOf(config.imageSize)],
    make: () => ViT.fromConfig(config),
    run: (model, images) => model.forward(images),
    onnx: (model, weights) => viTModel(model.config, weights, batch),
    tensorFlow: (tf, model, weights) => viTOf(tf, model.config, weights),
  });
}

function dinoV2(side: number): Case {
  const config = { ...viTDefaults, ...dinoV2Preset("DINOv2-S/14"), imageSize: side };
  const { attentionFlops, otherFlops } = viTCost(config);
  return visionCase({
    name: `DINOv2-S/14, ${side} px`,
    flops: attentionFlops + otherFlops,
    dims: [1, 3, side, side],
    make: () => ViT.fromConfig(config),
    run: (model, images) => model.encode(images),
    onnx: (model, weights) => viTEncoderModel(model.config, weights, 1),
  });
}

function swin(name: string, given: Partial<SwinConfig>): Case {
  const config = { ...swinDefaults, ...given };
  return visionCase({
    name: `${name}, ${config.imageSize} px`,
    flops: swinCost(config).attentionFlops + swinCost(config).otherFlops,
    dims: [1, 3, ...sidesOf(config.imageSize)],
    make: () => Swin.fromConfig(config),
    run: (model, images) => model.forward(images),
    onnx: (model, weights) => swinModel(model.config, weights),
  });
}

function swinV2(name: string, given: Partial<SwinV2Config>): Case {
  const config = { ...swinV2Defaults, ...given };
  return visionCase({
    name: `${name}, ${config.imageSize} px`,
    flops: swinCost(config).attentionFlops + swinCost(config).otherFlops,
    dims: [1, 3, ...sidesOf(config.imageSize)],
    thorough: true,
    make: () => SwinV2.fromConfig(config),
    run: (model, images) => model.forward(images),
    onnx: (model, weights) => swinV2Model(model.config, weights),
  });
}

function maeEncoder(side: number): Case {
  const config = { ...maeDefaults, imageSize: side };
  const numPatches = (side / config.patchSize) ** 2;
  const kept = Array.from({ length: Math.trunc(numPatches / 4) }, (_, i) => (i * 37) % numPatches);
  return visionCase({
    name: `MAE ViT-B/16 encoder, ${kept.length} of ${numPatches} patches`,
    flops: maeCost(config).encoderFlops,
    dims: [1, 3, side, side],
    thorough: true,
    make: () => MAE.fromConfig(config),
    run: (model, images) => model.encode(images, intTensor(Int32Array.from(kept), [1, kept.length])),
    onnx: (model, weights) => maeEncoderModel(model.config, weights, kept),
  });
}

function mlpMixer(side: number): Case {
  const config = { ...mlpMixerDefaults, ...mlpMixerPreset("Mixer-B/16"), imageSize: side };
  return visionCase({
    name: `Mixer-B/16, ${side} px`,
    flops: mlpMixerCost(config).mixingFlops + mlpMixerCost(config).otherFlops,
    dims: [1, 3, side, side],
    make: () => MLPMixer.fromConfig(config),
    run: (model, images) => model.forward(images),
    onnx: (model, weights) => mlpMixerModel(model.config, weights, 1),
  });
}
