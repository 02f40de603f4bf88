/** What the vision papers say about cost, with our own models on both sides: nothing here compares with another library. */
import { AdamW, backward, noGrad, Rng, scope, tensor, type Tensor } from "@x/layers";
import { MAE, MLPMixer, mlpMixerPreset, Swin, swinPreset, ViT, viTPreset } from "@x/models-vision";
import type { Case, Contender, Suite } from "../case.ts";
import { normal } from "../random.ts";

export const visionClaimsSuite: Suite = ({ quick }) => {
  const side = quick ? 64 : 224;
  return [
    maskedEncoder(side, quick ? 2 : 8),
    maskedStep(side, 2),
    ...(quick ? [64] : [224, 448, 672]).map((size) =>
      forwards("Mixer-B/16", size, () => MLPMixer.fromConfig({ ...mlpMixerPreset("Mixer-B/16"), imageSize: size }), "ViT-B/16"),
    ),
    ...(quick ? [64] : [224, 448, 672, 1024]).map((size) =>
      forwards("Swin-T", size, () => Swin.fromConfig({ ...swinPreset("Swin-T"), imageSize: size }), "ViT-S/16"),
    ),
  ].map((claim) => ({ ...claim, thorough: true }));
};

interface Model {
  forward(images: Tensor): Tensor;
  dispose(): void;
}

const pixels = (batch: number, side: number): (() => Tensor) => {
  const values = normal(batch * 3 * side ** 2, 2);
  return () => tensor(values, [batch, 3, side, side]);
};

/** MAE §3: the encoder sees a quarter of the patches. Baseline: all of them. */
function maskedEncoder(side: number, batch: number): Case {
  return {
    name: `MAE ViT-B/16 encoder, 75 % masked, batch ${batch}`,
    tolerance: 1,
    prepare: async () => {
      const mae = await MAE.fromConfig({ imageSize: side });
      const images = pixels(batch, side);
      const kept = scope(() => mae.forward(images(), mae.drawNoise(images(), new Rng(1))).mask.keptIds);
      return {
        ours: contender(
          "masked",
          () => noGrad(() => void mae.encode(images(), kept)),
          () => mae.dispose(),
        ),
        baselines: [contender("self unmasked", () => noGrad(() => void mae.encode(images())))],
      };
    },
  };
}

/** MAE's whole pre-training step, decoder included. Baseline: the same with nothing masked. */
function maskedStep(side: number, batch: number): Case {
  return {
    name: `MAE ViT-B/16 pre-training step, 75 % masked, batch ${batch}`,
    tolerance: 1,
    prepare: async () => {
      const [masked, unmasked] = [await MAE.fromConfig({ imageSize: side }), await MAE.fromConfig({ imageSize: side, maskRatio: 0.001 })];
      const images = pixels(batch, side);
      const stepOf = (mae: MAE): Contender => {
        const optimizer = new AdamW(
          mae.parameters().filter(({ requiresGrad }) => requiresGrad),
          { learningRate: 1e-4 },
        );
        const step = () =>
          scope(() => {
            backward(mae.forward(images(), mae.drawNoise(images(), new Rng(1))).loss);
            optimizer.step();
            optimizer.zeroGrad();
          });
        return contender(mae === masked ? "masked" : "self unmasked", step, () => {
          optimizer.dispose();
          mae.dispose();
        });
      };
      return { ours: stepOf(masked), baselines: [stepOf(unmasked)] };
    },
  };
}

/** A forward pass at batch 1. Baseline: a ViT on the same image. */
function forwards(of: string, side: number, make: () => Promise<Model>, preset: "ViT-B/16" | "ViT-S/16"): Case {
  return {
    name: `${of} forward, ${side} px`,
    tolerance: 1,
    costs: [{ title: `${of} beside ${preset}, one image`, axis: "image side, px", size: side, of }],
    prepare: async () => {
      const [model, viT] = [await make(), await ViT.fromConfig({ ...viTPreset(preset), imageSize: side })];
      const images = pixels(1, side);
      const run = (one: Model) => () => noGrad(() => void one.forward(images()));
      return {
        ours: contender("ours", run(model), () => model.dispose()),
        baselines: [contender(`self ${preset}`, run(viT), () => viT.dispose())],
      };
    },
  };
}

/** Nothing to compare: the two do different work on purpose. */
const contender = (name: string, body: () => void, dispose: () => void = () => undefined): Contender => ({
  name,
  run: () => {
    body();
    return undefined;
  },
  dispose,
});
