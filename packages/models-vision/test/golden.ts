/** PyTorch's numbers for tiny models: golden/<name>, written by tools/reference/vision.py. */
import { goldensOf } from "@x/testing";

export const { goldenFolder, readGolden } = goldensOf(new URL("../golden/", import.meta.url));
