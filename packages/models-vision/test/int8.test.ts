import { init, type PretrainedOptions } from "@x/layers";
import { test } from "vitest";
import { MLPMixer, Swin, ViT } from "../src/index.ts";
import { entry, goldenFolder, goldenTensor, readGolden } from "./golden.ts";
import { expectInt8Agrees } from "../../layers/test/models/int8.ts";

type Load = (folder: string, options?: PretrainedOptions) => Promise<ViT | Swin | MLPMixer>;

test.each<[string, Load]>([
  ["vit", (...of) => ViT.fromPretrained(...of)],
  ["deit_distilled", (...of) => ViT.fromPretrained(...of)],
  ["timm_vit_mean", (...of) => ViT.fromPretrained(...of)],
  ["swin", (...of) => Swin.fromPretrained(...of)],
  ["timm_mixer", (...of) => MLPMixer.fromPretrained(...of)],
])("%s in int8: logits point where PyTorch's do", async (name, load) => {
  await init();
  const golden = await readGolden(name);
  await expectInt8Agrees(
    (options) => load(goldenFolder(name), options),
    (loaded) => loaded.forward(goldenTensor(golden, "pixel_values")),
    entry(golden, "logits").values,
  );
});
