import { expect, test } from "vitest";
import { CLIP } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

test("settings of an encoder take the place of the checkpoint's one by one", async () => {
  using plain = await CLIP.fromPretrained(goldenFolder("hugging_face"));
  using model = await CLIP.fromPretrained(goldenFolder("hugging_face"), { config: { visionConfig: { attentionDropout: 0.25 } } });
  expect(model.config).toEqual({ ...plain.config, visionConfig: { ...plain.config.visionConfig, attentionDropout: 0.25 } });
});
