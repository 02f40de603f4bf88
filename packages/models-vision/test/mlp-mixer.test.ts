import { expect, test } from "vitest";
import { MLPMixer, mlpMixerLayouts } from "../src/index.ts";
import { expectClassifierAgrees, goldenFolder } from "./golden.ts";

const [timm] = mlpMixerLayouts;

test("X G1: timm_mixer: logits, loss and every gradient are timm's", async () => {
  using model = await MLPMixer.fromPretrained(goldenFolder("timm_mixer"));
  await expectClassifierAgrees("timm_mixer", model, timm);
});
