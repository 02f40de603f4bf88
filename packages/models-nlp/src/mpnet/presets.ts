import { presetOf } from "../text-encoder/preset.ts";
import type { MPNetConfig } from "./config.ts";

type Size = Partial<MPNetConfig>;

/** `all-mpnet-base-v2` and `multi-qa-mpnet-base-*` are of that size, too. */
const sizes: Readonly<Record<string, Size>> = { "mpnet-base": { maxPositionEmbeddings: 514, layerNormEps: 1e-5 } };

/** Published models by name: Song et al. 2020. @throws TensorError when there is none of that name */
export const mpNetPreset = (name: string): Size => presetOf("mpNetPreset", sizes, name);
