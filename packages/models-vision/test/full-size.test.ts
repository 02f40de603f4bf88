/** Models of the published sizes against PyTorch, with weights that both sides make from hashed integers: tools/reference/full_size.py. */
import { readFileSync } from "node:fs";
import { init, type Module, noGrad, Rng, tensor, type Tensor } from "@x/layers";
import type { WeightLayout } from "@x/layers/model";
import { cosineWith, type Expected, fill, hashedImage, uniform } from "@x/testing";
import { expect, test } from "vitest";
import { MAE, maeLayouts, MLPMixer, mlpMixerLayouts, mlpMixerPreset, Swin, swinLayouts, swinPreset, ViT, viTPreset } from "../src/index.ts";
import { viTLayouts } from "../src/vit/weights.ts";
import { goldenFolder } from "./golden.ts";

const expected = JSON.parse(readFileSync(`${goldenFolder("full-size")}.json`, "utf8")) as Readonly<Record<string, Expected>>;

const noise = (): Tensor =>
  tensor(
    Float32Array.from({ length: 196 }, (_, i) => uniform(2e9 + i) + 0.5),
    [1, 196],
  );

test.each<[name: string, make: () => Module, layout: WeightLayout | undefined, run: (model: Module) => Tensor]>([
  ["vit-b16", () => new ViT({ ...viTPreset("ViT-B/16") }, new Rng(0)), viTLayouts.viT, (model) => (model as ViT).forward(hashedImage())],
  ["swin-t", () => new Swin({ ...swinPreset("Swin-T") }, new Rng(0)), swinLayouts[0], (model) => (model as Swin).forward(hashedImage())],
  ["mae-b", () => new MAE({}, new Rng(0)), maeLayouts[0], (model) => (model as MAE).forward(hashedImage(), noise()).predicted],
  [
    "mixer-b16",
    () => new MLPMixer({ ...mlpMixerPreset("Mixer-B/16") }, new Rng(0)),
    mlpMixerLayouts[0],
    (model) => (model as MLPMixer).forward(hashedImage()),
  ],
])("%s at its published size: cosine with PyTorch's output at least 0.999999", { timeout: 120_000 }, async (name, make, layout, run) => {
  await init();
  const golden = expected[name];
  if (!golden || !layout) throw new Error(`no golden numbers or no layout for ${name}`);
  using model = make();
  fill(model, layout);
  noGrad(() => expect(cosineWith(golden, run(model))).toBeGreaterThanOrEqual(0.999999));
});
