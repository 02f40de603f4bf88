import { backward, noGrad, scope } from "@x/layers";
import { expect, test } from "vitest";
import { MAE, maeLayouts } from "../src/index.ts";
import { entry, expectClose, expectGradientsAgree, goldenFolder, goldenTensor, readGolden } from "./golden.ts";

const [huggingFace] = maeLayouts;

test.each(["mae", "mae_norm_pix"])("M G1: %s: latents, predictions, loss and every gradient are Hugging Face's", async (name) => {
  using model = await MAE.fromPretrained(goldenFolder(name));
  const golden = await readGolden(name);
  scope(() => {
    const [images, noise] = [goldenTensor(golden, "pixel_values"), goldenTensor(golden, "noise")];
    const { predicted, loss, mask } = model.forward(images, noise);
    expectClose(predicted.data, entry(golden, "logits").values, 1e-5, "predicted");
    expectClose(loss.data, entry(golden, "loss").values, 1e-5, "loss");
    expect([...mask.mask.data]).toEqual([...entry(golden, "mask").values]);
    expect([...mask.restoreIds.data]).toEqual([...entry(golden, "ids_restore").values]);
    const latent = noGrad(() => model.encode(images, mask.keptIds));
    expectClose(latent.data, entry(golden, "latent").values, 1e-5, "latent");
    backward(loss);
    expectGradientsAgree(golden, model, huggingFace);
    model.zeroGrad();
  });
});
