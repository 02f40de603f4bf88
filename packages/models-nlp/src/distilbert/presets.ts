import { presetOf } from "../text-encoder/preset.ts";
import type { DistilBertConfig } from "./config.ts";

type Size = Partial<DistilBertConfig>;

const sizes: Readonly<Record<string, Size>> = {
  "distilbert-base-uncased": {},
  "distilbert-base-cased": { vocabSize: 28996 },
  "distilbert-base-multilingual-cased": { vocabSize: 119547 },
  "distilbert-base-german-cased": { vocabSize: 31102 },
};

/** Published models by name: Sanh et al. 2019. @throws TensorError when there is none of that name */
export const distilBertPreset = (name: string): Size => presetOf("distilBertPreset", sizes, name);
