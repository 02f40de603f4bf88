import { expect, test } from "vitest";
import { Swin, swinLayouts } from "../src/index.ts";
import { expectClassifierAgrees, goldenFolder } from "./golden.ts";

const [huggingFace, timm] = swinLayouts;

test.each([
  ["swin", huggingFace],
  ["swin_padded", huggingFace],
  ["swin_absolute", huggingFace],
  ["timm_swin", timm],
  ["timm_swin_padded", timm],
])("S G1: %s: logits, loss and every gradient are PyTorch's", async (name, layout) => {
  using model = await Swin.fromPretrained(goldenFolder(name));
  await expectClassifierAgrees(name, model, layout);
  expect(model.training).toBe(false);
});
