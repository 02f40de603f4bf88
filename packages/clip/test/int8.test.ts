import { init } from "@x/layers";
import { expectInt8Agrees } from "@x/testing";
import { test } from "vitest";
import { CLIP } from "../src/index.ts";
import { goldenFolder, goldenInputs, readGolden } from "./golden.ts";

test.each(["hugging_face", "open_clip_vit"])("%s in int8: features of images and texts point where PyTorch's do", async (name) => {
  await init();
  const golden = await readGolden(name);
  const load = (options = {}): Promise<CLIP> => CLIP.fromPretrained(goldenFolder(name), options);
  const [images, ids, mask] = goldenInputs(golden);
  await expectInt8Agrees(load, (clip) => clip.text.forward(ids, mask), golden.values("text_features"));
  await expectInt8Agrees(load, (clip) => clip.visual.forward(images), golden.values("image_features"));
});
