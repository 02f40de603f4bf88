import { TensorError } from "@x/layers";
import { swinPreset } from "../swin/presets.ts";
import type { SwinV2Config } from "./config.ts";

/**
 * The paper's names: `swinV2Preset("SwinV2-T")`; T, S, B, L, Swin's sizes, with 8 × 8 windows on images of 256 × 256. Liu et al. 2022, §4.1.
 * @throws TensorError when there is none of that name
 */
export function swinV2Preset(name: string): Pick<SwinV2Config, "embedDim" | "depths" | "numHeads" | "windowSize" | "imageSize"> {
  if (!/^SwinV2-[TSBL]$/.test(name)) {
    throw new TensorError(`swinV2Preset: expected one of SwinV2-T, SwinV2-S, SwinV2-B, SwinV2-L, but found "${name}"`);
  }
  return { ...swinPreset(name.replace("SwinV2", "Swin")), windowSize: 8, imageSize: 256 };
}
