import { Linear } from "@x/layers";
import type { TextEncoderConfig } from "../text-encoder/text-encoder.ts";

/** One output for each of the config's classes. */
export const classifier = ({ config }: { readonly config: TextEncoderConfig }): Linear =>
  new Linear(config.hiddenSize, Object.keys(config.id2label).length);
