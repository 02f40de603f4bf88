/** Models for tests: tiny ones, and golden ones under other names. */
import { readEntries } from "@x/testing";
import { openCheckpoint } from "@x/layers";
import { encodeSafetensors } from "@x/layers/save";
import type { MAEConfig, SwinConfig } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

export const tinyMAE: Partial<MAEConfig> = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 48,
  decoderHiddenSize: 16,
  decoderNumHiddenLayers: 1,
  decoderNumAttentionHeads: 2,
  decoderIntermediateSize: 32,
};

export const tinySwin: Partial<SwinConfig> = {
  imageSize: 32,
  patchSize: 4,
  embedDim: 8,
  depths: [2, 2],
  numHeads: [2, 4],
  windowSize: 4,
  numLabels: 5,
};

/** A golden model's files in memory, with its entries under other names (none for a name that becomes undefined), some more, and another config. */
export async function renamed(
  name: string,
  rename: (key: string) => string | undefined,
  { config = {}, more = {} }: { readonly config?: object; readonly more?: Readonly<Record<string, readonly number[]>> } = {},
): Promise<Map<string, Uint8Array>> {
  const entries = [...(await readEntries(await openCheckpoint(goldenFolder(name))))].flatMap(([key, { shape, values }]) => {
    const to = rename(key);
    return to === undefined ? [] : [{ to, shape, values }];
  });
  const extra = Object.entries(more).map(([to, shape]) => ({ to, shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }));
  const file = encodeSafetensors(new Map([...entries, ...extra].map(({ to, shape, values }) => [to, { shape, view: () => values }])));
  return new Map([
    ["config.json", new TextEncoder().encode(JSON.stringify(config))],
    ["model.safetensors", new Uint8Array(await file.arrayBuffer())],
  ]);
}
