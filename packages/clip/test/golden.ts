/** PyTorch's numbers for tiny CLIPs: golden/<name>, written by tools/reference/clip.py. */
import { type Golden, goldenIds, goldensOf, goldenTensor } from "../../layers/test/models/golden.ts";
import type { CLIP } from "../src/index.ts";

export { entry, expectClose, expectGradientsAgree, type Golden, goldenTensor, transposed } from "../../layers/test/models/golden.ts";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));

/** The arguments of `forward`. */
export function goldenInputs(golden: Golden): Parameters<CLIP["forward"]> {
  const [images, inputIds] = [goldenTensor(golden, "pixel_values"), goldenIds(golden, "input_ids")];
  return golden.has("attention_mask") ? [images, inputIds, goldenIds(golden, "attention_mask")] : [images, inputIds];
}
