/** What `tokenizer.json` may hold, part by part: checked before any of it is built, nested parts too. */
import { checkKeys, isJsonObject, type Json, type JsonObject, type KeyTable } from "@x/layers/model";
import { TokenizerError } from "./tokenizer-error.ts";

const part = (kind: string, followed: readonly string[], more: Omit<KeyTable, "file" | "followed"> = {}): KeyTable => ({
  file: `tokenizer.json: ${kind}`,
  followed: ["type", ...followed],
  ...more,
});

const byteLevel = ["add_prefix_space", "trim_offsets", "use_regex"];
const metaspace = ["replacement", "prepend_scheme", "add_prefix_space", "split"];
/** Older files. */
const legacy = { "older files repeat what other keys say": ["str_rep"] };

export const tokenizerJsonKeys: KeyTable = {
  file: "tokenizer.json",
  followed: ["version", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model", "truncation", "padding"],
  refused: { version: { unless: ["1.0"], because: "only version 1.0 is known" } },
};

/** Of each kind of part, what it may be, with its keys. */
export const componentKeys: Readonly<Record<string, Readonly<Record<string, KeyTable>>>> = {
  model: {
    WordPiece: part("WordPiece", ["vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"]),
    WordLevel: part("WordLevel", ["vocab", "unk_token"]),
    BPE: part("BPE", ["vocab", "merges", "unk_token", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges"], {
      refused: {
        dropout: { unless: [0], because: "merges that are left out at random aren't here" },
        continuing_subword_prefix: { unless: [""], because: "a mark before the parts of a word isn't supported" },
      },
    }),
    Unigram: part("Unigram", ["vocab", "unk_id", "byte_fallback"]),
  },
  normalizer: {
    Sequence: part("Sequence of normalizers", ["normalizers"]),
    BertNormalizer: part("BertNormalizer", ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"]),
    NFC: part("NFC", []), NFD: part("NFD", []), NFKC: part("NFKC", []), NFKD: part("NFKD", []),
    Lowercase: part("Lowercase", []),
    StripAccents: part("StripAccents", []),
    Strip: part("Strip", ["strip_left", "strip_right"]),
    Replace: part("Replace", ["pattern", "content"]),
    Prepend: part("Prepend", ["prepend"]),
    Precompiled: part("Precompiled", ["precompiled_charsmap"]),
  }, // prettier-ignore
  pre_tokenizer: {
    Sequence: part("Sequence of pre-tokenizers", ["pretokenizers"]),
    BertPreTokenizer: part("BertPreTokenizer", []),
    WhitespaceSplit: part("WhitespaceSplit", []),
    Whitespace: part("Whitespace", []),
    Punctuation: part("Punctuation", ["behavior"]),
    Digits: part("Digits", ["individual_digits"]),
    Split: part("Split", ["pattern", "behavior", "invert"]),
    Metaspace: part("Metaspace", metaspace, { passedOver: legacy }),
    ByteLevel: part("ByteLevel, a pre-tokenizer", byteLevel),
  },
  post_processor: {
    Sequence: part("Sequence of post-processors", ["processors"]),
    TemplateProcessing: part("TemplateProcessing", ["single", "pair", "special_tokens"]),
    BertProcessing: part("BertProcessing", ["cls", "sep"]),
    RobertaProcessing: part("RobertaProcessing", ["cls", "sep", "add_prefix_space", "trim_offsets"]),
    ByteLevel: part("ByteLevel, a post-processor", ["add_prefix_space", "trim_offsets"], {
      passedOver: { "it is the pre-tokenizer's": ["use_regex"] },
    }),
  },
  decoder: {
    Sequence: part("Sequence of decoders", ["decoders"]),
    WordPiece: part("WordPiece, a decoder", ["prefix", "cleanup"]),
    ByteLevel: part("ByteLevel, a decoder", [], { passedOver: { "it is the pre-tokenizer's": byteLevel } }),
    Metaspace: part("Metaspace, a decoder", metaspace, { passedOver: legacy }),
    BPEDecoder: part("BPEDecoder", ["suffix"]),
    Replace: part("Replace, a decoder", ["pattern", "content"]),
    Fuse: part("Fuse", []),
    Strip: part("Strip, a decoder", ["content", "start", "stop"]),
    ByteFallback: part("ByteFallback", []),
  },
};

/** Where a part lists others of its kind. */
const lists = ["normalizers", "pretokenizers", "processors", "decoders"];

const mostNested = 32;
const mostParts = 1000;

/**
 * @returns notes on keys that aren't known
 * @throws TokenizerError when a key can't be followed, or parts are nested too deep or too many. (What isn't a part at all is refused where it is built.)
 */
export function checkComponents(json: JsonObject): string[] {
  const refuse = (message: string): TokenizerError => new TokenizerError(`tokenizer: ${message}`);
  const notes = checkKeys(json, tokenizerJsonKeys, refuse);
  let left = mostParts;
  const visit = (value: Json | undefined, tables: Readonly<Record<string, KeyTable>>, depth: number): void => {
    if (!isJsonObject(value)) return;
    if (depth > mostNested) throw refuse(`tokenizer.json: parts are nested more than ${mostNested} deep`);
    if (--left < 0) throw refuse(`tokenizer.json: there are more than ${mostParts} parts`);
    const type = value["type"];
    const table = typeof type === "string" && Object.hasOwn(tables, type) ? tables[type] : undefined;
    if (table) notes.push(...checkKeys(value, table, refuse));
    for (const key of lists) {
      const inner = value[key];
      if (Array.isArray(inner)) for (const one of inner as readonly Json[]) visit(one, tables, depth + 1);
    }
  };
  for (const [kind, tables] of Object.entries(componentKeys)) visit(json[kind], tables, 1);
  return notes;
}
