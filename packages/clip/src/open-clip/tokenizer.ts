/** Texts' way into a model: cleaned first where the files are open_clip's. */
import type { FamilyPart, JsonObject } from "@x/layers/model";
import { type Cleaning, cleanings, type Tokenizer, TokenizerError, tokenizerPart } from "@x/models-nlp";
import { fieldOf, towerOf } from "./fields.ts";
import type { ImageTextFiles } from "./files.ts";

interface Reader {
  tokenizer: Tokenizer | undefined;
}

/** What of a tokenizer `text_cfg` says. @param isOwn whether it isn't OpenAI's */
export function openClipTokenizerConfig({ tokenizer }: Reader, isOwn: boolean): JsonObject {
  const { how = isOwn ? "whitespace" : "lower", stripsSeparator = false } = tokenizer?.cleaning ?? {};
  return {
    ...(isOwn && { hf_tokenizer_name: "." }), // beside the weights: what open_clip takes for a folder, whatever stands here
    tokenizer_kwargs: { clean: how, ...(stripsSeparator && { strip_sep_token: true }) },
  };
}

export const imageTextTokenizerPart: FamilyPart<Reader, ImageTextFiles> = {
  ...tokenizerPart,
  async read(model, files, options) {
    await tokenizerPart.read(model, files, options);
    if (!files.openClip || !model.tokenizer) return;
    const text = towerOf(files.openClip, "text_cfg");
    const isOwn = fieldOf(text, "hf_tokenizer_name") === undefined;
    const how = fieldOf(text, "tokenizer_kwargs", "clean") ?? (isOwn ? "lower" : "whitespace"); // OpenAI's, and open_clip's for others
    model.tokenizer = model.tokenizer.cleaned(cleaningOf(how), fieldOf(text, "tokenizer_kwargs", "strip_sep_token") === true);
  },
};

function cleaningOf(how: unknown): Cleaning {
  const found = cleanings.find((name) => name === how);
  if (found) return found;
  throw new TokenizerError(`tokenizer: clean should be one of ${cleanings.join(", ")}, but is ${JSON.stringify(how)}`);
}
