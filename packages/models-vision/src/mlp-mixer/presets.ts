import { TensorError } from "@x/layers";
import type { MLPMixerConfig } from "./config.ts";

type Size = Pick<MLPMixerConfig, "hiddenSize" | "numHiddenLayers" | "tokensMlpDim" | "channelsMlpDim">;

/** Tolstikhin et al. 2021, table 1. */
const sizes: Readonly<Record<string, Size>> = {
  S: { hiddenSize: 512, numHiddenLayers: 8, tokensMlpDim: 256, channelsMlpDim: 2048 },
  B: { hiddenSize: 768, numHiddenLayers: 12, tokensMlpDim: 384, channelsMlpDim: 3072 },
  L: { hiddenSize: 1024, numHiddenLayers: 24, tokensMlpDim: 512, channelsMlpDim: 4096 },
  H: { hiddenSize: 1280, numHiddenLayers: 32, tokensMlpDim: 640, channelsMlpDim: 5120 },
};

/**
 * The paper's names: `mlpMixerPreset("Mixer-B/16")` is the Base model with 16 × 16 patches; S, B, L, H.
 * @throws TensorError when the name isn't of that form
 */
export function mlpMixerPreset(name: string): Size & Pick<MLPMixerConfig, "patchSize"> {
  const [, size = "", patchSize] = /^Mixer-(\w)\/(\d+)$/.exec(name) ?? [];
  const found = sizes[size];
  if (!found || Number(patchSize) < 1) {
    throw new TensorError(
      `mlpMixerPreset: expected a name like "Mixer-B/16" with one of ${Object.keys(sizes).join(", ")}, but found "${name}"`,
    );
  }
  return { ...found, patchSize: Number(patchSize) };
}

/** The paper's name of a config's size, `Mixer-B/16`, whatever its images, labels and MLP widths; undefined where it has none. */
export function mlpMixerNameOf({ hiddenSize, numHiddenLayers, patchSize }: MLPMixerConfig): string | undefined {
  const found = Object.entries(sizes).find(([, size]) => size.hiddenSize === hiddenSize && size.numHiddenLayers === numHiddenLayers);
  return found && [16, 32].includes(patchSize) ? `Mixer-${found[0]}/${patchSize}` : undefined;
}
