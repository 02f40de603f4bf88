import { drawNormal, noGrad, Rng, tensor } from "@x/layers";
import { ViT, type ViTConfig, viTCost, viTDefaults, viTPreset } from "@x/models-vision";
import type { Case, Suite } from "../case.ts";
import { viTModel } from "../onnx/vit.ts";
import { normal } from "../random.ts";
import { viTOf } from "../tfjs/vit.ts";
import { Weights } from "../weights.ts";

interface Size {
  readonly name: string;
  readonly config: Partial<ViTConfig>;
  readonly batch: number;
}

const sizes: readonly Size[] = [1, 8].map((batch) => ({ name: "ViT-B/16", config: viTPreset("ViT-B/16"), batch }));

const quickSizes: readonly Size[] = [
  { name: "ViT-Ti/16, 2 layers, 64 px", config: { ...viTPreset("ViT-Ti/16"), numHiddenLayers: 2, imageSize: 64 }, batch: 2 },
];

/** One forward pass, from pixels to logits. */
export const viTSuite: Suite = ({ quick }) => (quick ? quickSizes : sizes).map(viTCase);

function viTCase({ name, config: given, batch }: Size): Case {
  const { attentionFlops, otherFlops } = viTCost({ ...viTDefaults, ...given });
  return {
    name: `${name}, batch ${batch}`,
    flops: batch * (attentionFlops + otherFlops),
    tolerance: 1e-4,
    prepare: async () => {
      const vit = await ViT.fromConfig({ ...given, layerNormEps: 1e-6 }, { rng: new Rng(0) });
      // A fresh head is all zeros: logits would agree whatever came before.
      if (vit.head) drawNormal(vit.head.weight, new Rng(1), 0, 0.05);
      const { config } = vit;
      const weights = new Weights(vit);
      const dims = [batch, config.numChannels, config.imageSize, config.imageSize];
      const images = normal(batch * config.numChannels * config.imageSize ** 2, 2);
      return {
        ours: { name: "ours", run: () => noGrad(() => vit.forward(tensor(images, dims)).toTypedArray()), dispose: () => vit.dispose() },
        onnx: { inputs: { images: { dims, data: images } }, model: () => viTModel(config, weights, batch) },
        tensorFlow: (tf) => {
          const forward = viTOf(tf, config, weights);
          return () => forward(images, batch);
        },
      };
    },
  };
}
