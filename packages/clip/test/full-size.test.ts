/** CLIPs of the published sizes against PyTorch, with weights that both sides make from hashed integers: tools/reference/clip.py. */
import { readFileSync } from "node:fs";
import { init, intTensor, type Module, noGrad, Rng, tensor, tensorsToSave, type Tensor, type WeightLayout } from "@x/layers";
import { expect, test } from "vitest";
import { CLIP, clipLayouts, clipPreset } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

const expected = JSON.parse(readFileSync(`${goldenFolder("full-size")}.json`, "utf8")) as Readonly<Record<string, readonly number[]>>;

/** Integer i hashed to [−½, ½). */
function uniform(i: number): number {
  let x = i >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
}

/** Fills the parameters in the order of their names on disk; batch norms' statistics are those of N(0, 1). */
function fill(model: Module, layout: WeightLayout): void {
  const views = [...model.stateDict()].map(([path, { shape, data }]) => {
    if (path.endsWith("runningMean")) data.fill(0);
    if (path.endsWith("runningVar")) data.fill(1);
    return [path, { shape, view: () => model.stateDict().get(path)?.data ?? data }] as const;
  });
  const parameters = new Map(views.filter(([path]) => !path.includes("running")));
  let first = 0;
  for (const [key, entry] of [...tensorsToSave(parameters, layout)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!("view" in entry)) throw new Error(`${key} is stored in pieces`);
    const { shape, transpose } = entry;
    const view = entry.view();
    const rows = shape[0] ?? 1;
    const fanIn = view.length / rows;
    const isWeight = key.endsWith("weight");
    for (let i = 0; i < view.length; i++) {
      // What is stored the other way round is numbered as it is stored.
      const u = uniform(first + (transpose ? (i % fanIn) * rows + Math.floor(i / fanIn) : i));
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
const text = (): Tensor<"int32"> => intTensor([[49406, ...Array.from({ length: 10 }, (_, i) => 1000 + 37 * i), 49407]]);

function cosine(a: ArrayLike<number>, b: readonly number[]): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x).reduce((sum, value, i) => sum + value * (y[i] ?? Number.NaN), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test.each([
  ["vit-b32", "ViT-B/32", clipLayouts[0]],
  ["rn50", "RN50", clipLayouts[1]],
] as const)(
  "%s at its published size: cosine with PyTorch's features at least 0.999999",
  { timeout: 120_000 },
  async (name, preset, layout) => {
    await init();
    using model = new CLIP(clipPreset(preset), new Rng(0));
    fill(model, layout);
    noGrad(() => {
      for (const [what, features] of [
        ["image", model.visual.forward(image())],
        ["text", model.text.forward(text())],
      ] as const) {
        const golden = expected[`${name} ${what}`] ?? [];
        expect(features.shape).toEqual([1, golden.length]);
        expect(cosine(features.data, golden), what).toBeGreaterThanOrEqual(0.999999);
      }
    });
  },
);
