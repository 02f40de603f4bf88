import { init } from "@x/layers";
import { test } from "vitest";
import { MLPMixer, Swin, ViT } from "../src/index.ts";
import { entry, goldenFolder, goldenTensor, readGolden } from "./golden.ts";
import { expectInt8Agrees } from "../../layers/test/models/int8.ts";

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
    (loaded) => loaded.forward(goldenTensor(golden, "pixel_values")),
    entry(golden, "logits").values,
  );
});
