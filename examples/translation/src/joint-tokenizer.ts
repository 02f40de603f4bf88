import type { Json, JsonObject } from "@x/layers/model";
import { Tokenizer } from "@x/models-nlp";
import { trainBytePairs, wordPattern } from "./train-byte-pairs.ts";

/** Ids of the special tokens, as the paper's Transformer has them by default. */
const special = ["<pad>", "<s>", "</s>", "<unk>"];

/** One vocabulary of subwords for both languages, as the paper has (§5.1): a `tokenizer.json` as Hugging Face's library reads it. */
export function jointTokenizer(texts: readonly string[], size: number): Tokenizer {
  const { tokens, merges } = trainBytePairs(texts, size - special.length);
  const vocab = Object.fromEntries([...special, ...tokens].map((token, id) => [token, id]));
  const template: readonly Json[] = [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }];
  const json: JsonObject = {
    version: "1.0",
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: "NFC" },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false },
        { type: "Split", pattern: { Regex: wordPattern }, behavior: "Isolated", invert: false },
      ],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: template,
      pair: [...template, { Sequence: { id: "B", type_id: 1 } }, { SpecialToken: { id: "</s>", type_id: 1 } }],
      special_tokens: { "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] } },
    },
    decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false },
    model: { type: "BPE", unk_token: "<unk>", fuse_unk: true, vocab, merges: merges.map((merge) => merge.join(" ")) },
  };
  return Tokenizer.fromJson(json, { pad_token: "<pad>", bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" });
}
