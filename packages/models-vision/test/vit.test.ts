import { type WeightLayout } from "@x/layers";
import { expect, test } from "vitest";
import { ViT } from "../src/index.ts";
import { viTLayouts } from "../src/vit/weights.ts";
import { expectClassifierAgrees, goldenFolder } from "./golden.ts";

const [viT, deiT, timm, timmMean] = viTLayouts as readonly [WeightLayout, WeightLayout, WeightLayout, WeightLayout];

test.each([
  ["vit", viT],
  ["vit_interpolated", viT],
  ["deit_distilled", deiT],
  ["timm_vit", timm],
  ["timm_vit_mean", timmMean],
])("V G1: %s: logits, loss and every gradient are PyTorch's", async (name, layout) => {
  using model = await ViT.fromPretrained(goldenFolder(name));
  await expectClassifierAgrees(name, model, layout);
  expect(model.training).toBe(false);
});
