/** The tokenizers that come with a model: read from beside its weights, saved beside them. */
import type { FamilyPart, FileContent } from "@x/layers/model";
import { tokenizerFileKeys } from "./files/tokenizer-config.ts";
import { TokenizerError } from "./stages/tokenizer-error.ts";
import { Tokenizer } from "./tokenizer.ts";

/** One tokenizer, whatever files it lies in; undefined where there are none. */
export const tokenizerPart: FamilyPart<{ tokenizer: Tokenizer | undefined }> = {
  properties: ["tokenizer"],
  keys: tokenizerFileKeys,
  async read(model, { source }) {
    model.tokenizer = await Tokenizer.findIn(source);
  },
  files: ({ tokenizer }) => tokenizer?.files ?? [],
};

/** What translates has a tokenizer for each language, which may be the same. */
interface TwoLanguages {
  tokenizer: Tokenizer | undefined;
  targetTokenizer: Tokenizer | undefined;
}

/** The tokenizers of both languages: Marian's, or one for both. */
export const translationTokenizersPart: FamilyPart<TwoLanguages> = {
  properties: ["tokenizer", "targetTokenizer"],
  keys: tokenizerFileKeys,
  async read(model, { source }) {
    const tokenizer = await Tokenizer.findIn(source);
    model.targetTokenizer = (await source.has("source.spm")) ? await Tokenizer.findIn(source, { side: "target" }) : tokenizer;
    model.tokenizer = tokenizer;
  },
  files: bothFiles,
};

/** @throws TokenizerError when the two have different files of one name */
function bothFiles({ tokenizer, targetTokenizer }: TwoLanguages): ReadonlyMap<string, FileContent> {
  const files = new Map(tokenizer?.files);
  for (const [name, content] of targetTokenizer?.files ?? []) {
    if (typeof content === "string" && (files.get(name) ?? content) !== content) {
      throw new TokenizerError(`savePretrained: the two tokenizers have different files ${name}; save them in folders of their own`);
    }
    files.set(name, content);
  }
  return files;
}
