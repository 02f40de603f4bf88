import { init } from "@x/layers";
import { test } from "vitest";
import { expectInt8Agrees } from "../../layers/test/models/int8.ts";
import { CLIP } from "../src/index.ts";
import { entry, goldenFolder, goldenInputs, readGolden } from "./golden.ts";

test.each(["hugging_face", "open_clip_vit"])("%s in int8: features of images and texts point where PyTorch's do", async (name) => {
  await init();
  const golden = await readGolden(name);
  const load = (options = {}): Promise<CLIP> => CLIP.fromPretrained(goldenFolder(name), options);
  const [images, ids, mask] = goldenInputs(golden);
  await expectInt8Agrees(load, (clip) => clip.text.forward(ids, mask), entry(golden, "text_features").values);
  await expectInt8Agrees(load, (clip) => clip.visual.forward(images), entry(golden, "image_features").values);
});
