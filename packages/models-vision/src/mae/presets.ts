import { viTPreset } from "../vit/presets.ts";
import { type MAEConfig, maeDefaults } from "./config.ts";

/**
 * The paper's models by their encoder: "ViT-B/16", "ViT-L/16", "ViT-H/14", all with the same decoder of eight blocks, 512 wide. He et al. 2022, §4 and table 1.
 * @throws TensorError when the name isn't of that form
 */
export function maePreset(name: string): ReturnType<typeof viTPreset> & Pick<MAEConfig, "decoderHiddenSize" | "decoderNumHiddenLayers"> {
  const { decoderHiddenSize, decoderNumHiddenLayers } = maeDefaults;
  return { ...viTPreset(name), decoderHiddenSize, decoderNumHiddenLayers };
}
