/** PyTorch's numbers for tiny models: golden/<name>, written by tools/reference/vision.py. */
import { crossEntropy, type Module, type Tensor, type WeightLayout } from "@x/layers";
import {
  entry,
  expectClose,
  expectTrainingAgrees,
  type Golden,
  goldenIds,
  goldensOf,
  goldenTensor,
} from "../../layers/test/models/golden.ts";

export { entry, expectClose, expectGradientsAgree, type Golden, goldenTensor } from "../../layers/test/models/golden.ts";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));

/** Mean cross-entropy of the golden images. */
export const classifierLoss = (model: { forward(images: Tensor): Tensor }, golden: Golden): Tensor =>
  crossEntropy(model.forward(goldenTensor(golden, "pixel_values")), goldenIds(golden, "labels"));

/** Logits, mean cross-entropy, and the gradient of every parameter that has one, under the file's own key names. */
export async function expectClassifierAgrees(
  name: string,
  model: Module & { forward(images: Tensor): Tensor },
  layout: WeightLayout,
): Promise<void> {
  const golden = await readGolden(name);
  expectTrainingAgrees(golden, model, layout, () => {
    const logits = model.forward(goldenTensor(golden, "pixel_values"));
    expectClose(logits.data, entry(golden, "logits").values, 1e-5, "logits");
    return crossEntropy(logits, goldenIds(golden, "labels"));
  });
}
