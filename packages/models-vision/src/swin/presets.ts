import { TensorError } from "@x/layers";
import type { SwinConfig } from "./config.ts";

type Size = Pick<SwinConfig, "embedDim" | "depths" | "numHeads">;

/** Liu et al. 2021, §3.3. */
const sizes: Readonly<Record<string, Size>> = {
  T: { embedDim: 96, depths: [2, 2, 6, 2], numHeads: [3, 6, 12, 24] },
  S: { embedDim: 96, depths: [2, 2, 18, 2], numHeads: [3, 6, 12, 24] },
  B: { embedDim: 128, depths: [2, 2, 18, 2], numHeads: [4, 8, 16, 32] },
  L: { embedDim: 192, depths: [2, 2, 18, 2], numHeads: [6, 12, 24, 48] },
};

/** The paper's names: `swinPreset("Swin-T")`; T, S, B, L. @throws TensorError when there is none of that name */
export function swinPreset(name: string): Size {
  const found = sizes[/^Swin-(\w)$/.exec(name)?.[1] ?? ""];
  if (!found)
    throw new TensorError(
      `swinPreset: expected one of ${Object.keys(sizes)
        .map((size) => `Swin-${size}`)
        .join(", ")}, but found "${name}"`,
    );
  return found;
}
