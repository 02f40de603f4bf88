/** CLIPs of the published sizes against PyTorch, with weights that both sides make from hashed integers: tools/reference/clip.py. */
import { readFileSync } from "node:fs";
import { init, intTensor, noGrad, Rng, type Tensor } from "@x/layers";
import { cosineWith, fill, hashedImage } from "@x/testing";
import { expect, test } from "vitest";
import { CLIP, clipLayouts, clipPreset } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

const expected = JSON.parse(readFileSync(`${goldenFolder("full-size")}.json`, "utf8")) as Readonly<Record<string, readonly number[]>>;

const text = (): Tensor<"int32"> => intTensor([[49406, ...Array.from({ length: 10 }, (_, i) => 1000 + 37 * i), 49407]]);

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
        ["image", model.visual.forward(hashedImage())],
        ["text", model.text.forward(text())],
      ] as const) {
        const values = expected[`${name} ${what}`] ?? [];
        expect(cosineWith({ shape: [1, values.length], step: 1, values }, features), what).toBeGreaterThanOrEqual(0.999999);
      }
    });
  },
);
