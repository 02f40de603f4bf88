import type { JsonObject } from "@x/layers/model";
import { tokenIn } from "./vocabulary-files.ts";

/** Ids of the tokens that mean something to a model; undefined where a tokenizer has none. */
export interface SpecialTokens {
  readonly pad: number | undefined;
  readonly unk: number | undefined;
  readonly cls: number | undefined;
  readonly sep: number | undefined;
  readonly mask: number | undefined;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
}

/** What they are called where nothing is said. */
const usualNames: Readonly<Record<keyof SpecialTokens, readonly string[]>> = {
  bos: ["<s>", "<|startoftext|>"],
  eos: ["</s>", "<|endoftext|>"],
  unk: ["[UNK]", "<unk>"],
  sep: ["[SEP]"],
  pad: ["[PAD]", "<pad>"],
  cls: ["[CLS]"],
  mask: ["[MASK]", "<mask>"],
};

/** In the order of Hugging Face's library, which numbers new tokens by it. */
export const specialNames = Object.keys(usualNames) as readonly (keyof SpecialTokens)[];

/** Whether a config says which token it is. */
export const isDeclared = (config: JsonObject, name: keyof SpecialTokens): boolean => tokenIn(config, `${name}_token`, "") !== "";

/**
 * From `tokenizer_config.json`'s `pad_token`, `cls_token`…; where it says nothing, added tokens of the usual names.
 * @param idOf of any token
 * @param addedIdOf of an added token
 */
export function specialTokensFrom(
  config: JsonObject,
  idOf: (token: string) => number | undefined,
  addedIdOf: (token: string) => number | undefined,
): SpecialTokens {
  const find = (name: keyof SpecialTokens): number | undefined => {
    if (isDeclared(config, name)) return idOf(tokenIn(config, `${name}_token`, ""));
    return usualNames[name].map(addedIdOf).find((id) => id !== undefined);
  };
  return {
    pad: find("pad"),
    unk: find("unk"),
    cls: find("cls"),
    sep: find("sep"),
    mask: find("mask"),
    bos: find("bos"),
    eos: find("eos"),
  };
}
