/** PyTorch's numbers for tiny models: golden/<name>, written by tools/reference/vision.py. */
import { expectClose, expectTrainingAgrees, type Golden, goldensOf } from "@x/testing";
import { crossEntropy, type Module, type Tensor, type WeightLayout } from "@x/layers";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));

/** Mean cross-entropy of the golden images. */
export const classifierLoss = (model: { forward(images: Tensor): Tensor }, golden: Golden): Tensor =>
  crossEntropy(model.forward(golden.tensor("pixel_values")), golden.ids("labels"));

/** Logits, mean cross-entropy, and the gradient of every parameter that has one, under the file's own key names. */
export async function expectClassifierAgrees(
  name: string,
  model: Module & { forward(images: Tensor): Tensor },
  layout: WeightLayout,
): Promise<void> {
  const golden = await readGolden(name);
  expectTrainingAgrees(golden, model, layout, () => {
    const logits = model.forward(golden.tensor("pixel_values"));
    expectClose(logits.data, golden.values("logits"), "logits");
    return crossEntropy(logits, golden.ids("labels"));
  });
}
