/** PyTorch's numbers for tiny CLIPs: golden/<name>, written by tools/reference/clip.py. */
import { type Golden, goldensOf } from "@x/testing";
import type { CLIP } from "../src/index.ts";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));

/** The arguments of `forward`. */
export function goldenInputs(golden: Golden): Parameters<CLIP["forward"]> {
  const [images, inputIds] = [golden.tensor("pixel_values"), golden.ids("input_ids")];
  return golden.has("attention_mask") ? [images, inputIds, golden.ids("attention_mask")] : [images, inputIds];
}
