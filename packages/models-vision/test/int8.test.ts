import { init } from "@x/layers";
import { expectInt8Agrees } from "@x/testing";
import { test } from "vitest";
import { MLPMixer, Swin, ViT } from "../src/index.ts";
import { goldenFolder, readGolden } from "./golden.ts";

test.each([
  ["vit", ViT],
  ["deit_distilled", ViT],
  ["timm_vit_mean", ViT],
  ["swin", Swin],
  ["timm_mixer", MLPMixer],
] as const)("%s in int8: logits point where PyTorch's do", async (name, model) => {
  await init();
  const golden = await readGolden(name);
  await expectInt8Agrees<ViT | Swin | MLPMixer>(
    (options) => model.fromPretrained(goldenFolder(name), options),
    (loaded) => loaded.forward(golden.tensor("pixel_values")),
    golden.values("logits"),
  );
});
