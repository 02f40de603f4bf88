/** Models of the published sizes against PyTorch, with weights that both sides make from hashed integers: tools/reference/full_size.py. */
import { readFileSync } from "node:fs";
import { init, type Module, noGrad, Rng, tensor, tensorsToSave, type Tensor, type WeightLayout, weightsOf } from "@x/layers";
import { expect, test } from "vitest";
import { MAE, maeLayouts, MLPMixer, mlpMixerLayouts, mlpMixerPreset, Swin, swinLayouts, swinPreset, ViT, viTPreset } from "../src/index.ts";
import { viTLayouts } from "../src/vit/weights.ts";
import { goldenFolder } from "./golden.ts";

interface Expected {
  readonly shape: readonly number[];
  /** Every step-th number is kept. */
  readonly step: number;
  readonly values: readonly number[];
}

const expected = JSON.parse(readFileSync(`${goldenFolder("full-size")}.json`, "utf8")) as Readonly<Record<string, Expected>>;

/** Integer i hashed to [−½, ½). */
function uniform(i: number): number {
  let x = i >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
}

/** Fills the parameters in the order of their names on disk. */
function fill(model: Module, layout: WeightLayout): void {
  let first = 0;
  const entries = [...tensorsToSave(weightsOf(model), layout)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, entry] of entries) {
    if (!("view" in entry)) throw new Error(`${key} is stored in pieces`);
    const { shape } = entry;
    const view = entry.view();
    const fanIn = view.length / (shape[0] ?? 1);
    const isWeight = key.endsWith("weight");
    for (let i = 0; i < view.length; i++) {
      const u = uniform(first + i);
      view[i] = !isWeight ? u / 25 : shape.length === 1 ? 1 + u / 5 : (3.4 * u) / Math.sqrt(fanIn);
    }
    first += view.length;
  }
}

const image = (): Tensor =>
  tensor(
    Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => 2 * uniform(1e9 + i)),
    [1, 3, 224, 224],
  );
const noise = (): Tensor =>
  tensor(
    Float32Array.from({ length: 196 }, (_, i) => uniform(2e9 + i) + 0.5),
    [1, 196],
  );

function cosine(actual: ArrayLike<number>, { values, step }: Expected): number {
  let [dot, ours, theirs] = [0, 0, 0];
  for (const [i, value] of values.entries()) {
    const a = actual[i * step] ?? Number.NaN;
    dot += a * value;
    ours += a * a;
    theirs += value * value;
  }
  return dot / Math.sqrt(ours * theirs);
}

test.each<[name: string, make: () => Module, layout: WeightLayout | undefined, run: (model: Module) => Tensor]>([
  ["vit-b16", () => new ViT({ ...viTPreset("ViT-B/16") }, new Rng(0)), viTLayouts[0], (model) => (model as ViT).forward(image())],
  ["swin-t", () => new Swin({ ...swinPreset("Swin-T") }, new Rng(0)), swinLayouts[0], (model) => (model as Swin).forward(image())],
  ["mae-b", () => new MAE({}, new Rng(0)), maeLayouts[0], (model) => (model as MAE).forward(image(), noise()).predicted],
  [
    "mixer-b16",
    () => new MLPMixer({ ...mlpMixerPreset("Mixer-B/16") }, new Rng(0)),
    mlpMixerLayouts[0],
    (model) => (model as MLPMixer).forward(image()),
  ],
])("%s at its published size: cosine with PyTorch's output at least 0.999999", { timeout: 120_000 }, async (name, make, layout, run) => {
  await init();
  const golden = expected[name];
  if (!golden || !layout) throw new Error(`no golden numbers or no layout for ${name}`);
  using model = make();
  fill(model, layout);
  noGrad(() => {
    const output = run(model);
    expect(output.shape).toEqual(golden.shape);
    expect(cosine(output.data, golden)).toBeGreaterThanOrEqual(0.999999);
  });
});
