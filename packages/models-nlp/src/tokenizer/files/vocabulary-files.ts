/** Older files than `tokenizer.json`, written as it would write them. */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { lettersInOrder } from "../stages/byte-level.ts";
import { booleanField, stringField } from "../stages/fields.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import type { SentencePieceFile } from "./sentence-piece-file.ts";

/** `vocab.txt`: a token a line, its number the line's. Of a token that comes twice the last line counts. */
export function vocabularyOf(file: string): JsonObject {
  const lines = file.split(/\r\n?|\n/);
  if (lines.at(-1) === "") lines.pop();
  return Object.fromEntries(lines.map((token, id) => [token.trimEnd(), id]));
}

/** BERT's tokenizer. Of the config, `do_lower_case` (default true), `strip_accents`, `tokenize_chinese_chars` and the special tokens count. */
export function wordPieceJson(vocab: JsonObject, config: JsonObject): JsonObject {
  const { unk, around } = bertTokens(vocab, config);
  return {
    ...around,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: booleanField(config, "tokenize_chinese_chars", true),
      strip_accents: config["strip_accents"] ?? null,
      lowercase: booleanField(config, "do_lower_case", true),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: wordPiece(vocab, unk),
  };
}

/** `BertJapaneseTokenizer` without MeCab: words at spaces and punctuation, then WordPiece, characters, or whole. */
export function japaneseJson(vocab: JsonObject, config: JsonObject): JsonObject {
  const { unk, around } = bertTokens(vocab, config);
  const lower = booleanField(config, "do_lower_case", false);
  const isCharacters = stringField(config, "subword_tokenizer_type", "wordpiece") === "character";
  const bert = { type: "BertNormalizer", clean_text: false, handle_chinese_chars: false, strip_accents: lower, lowercase: lower };
  const normalizers = [{ ...bert, clean_text: true, strip_accents: false, lowercase: false }, { type: "NFC" }, bert];
  const subwords = isCharacters ? { type: "BPE", unk_token: unk, vocab, merges: [] } : wordPiece(vocab, unk);
  return {
    ...around,
    normalizer: { type: "Sequence", normalizers: isCharacters ? [...normalizers, { type: "NFKC" }] : normalizers },
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: booleanField(config, "do_subword_tokenize", true) ? subwords : { type: "WordLevel", unk_token: unk, vocab },
  };
}

/** What all of BERT's kind have around the model. */
function bertTokens(vocab: JsonObject, config: JsonObject): { unk: string; around: JsonObject } {
  const [cls, sep] = [tokenIn(config, "cls_token", "[CLS]"), tokenIn(config, "sep_token", "[SEP]")];
  const around = {
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", cls: [cls, idIn(vocab, cls)], sep: [sep, idIn(vocab, sep)] },
  };
  return { unk: tokenIn(config, "unk_token", "[UNK]"), around };
}

const wordPiece = (vocab: JsonObject, unk: string): JsonObject => ({
  type: "WordPiece",
  unk_token: unk,
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 100,
  vocab,
});

/** `merges.txt`: a merge a line. */
export const mergesOf = (file: string): string[] => file.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#version"));

/**
 * A SentencePiece model's pieces with the ids that fairseq gives them, as the model of a `tokenizer.json`: special tokens first, then all but the model's own
 * first three (CamemBERT: all but its first), then the mask.
 */
export function fairseqPieces({ pieces, modelType }: SentencePieceFile, isCamembert: boolean): JsonObject {
  if (modelType !== "unigram") throw new TokenizerError("tokenizer: fairseq's ids are known of unigram models only, but this is BPE");
  const line = (piece: string, score = 0): [string, number] => [piece, score];
  const first = isCamembert
    ? [line("<s>NOTUSED"), line("<pad>"), line("</s>NOTUSED"), line("<unk>"), line("<unk>NOTUSED", -100)]
    : ["<s>", "<pad>", "</s>", "<unk>"].map((piece) => line(piece));
  const own = pieces.slice(isCamembert ? 1 : 3).map(({ piece, score }) => line(piece, score));
  return { type: "Unigram", vocab: [...first, ...own, line("<mask>")] };
}

/** CLIP's vocabulary and merges, as Hugging Face's library reads them. Radford et al. 2021, §2.4. */
export function clipJson(vocab: JsonObject, merges: Json, config: JsonObject): JsonObject {
  const [bos, eos] = [tokenIn(config, "bos_token", "<|startoftext|>"), tokenIn(config, "eos_token", "<|endoftext|>")];
  return {
    normalizer: {
      type: "Sequence",
      normalizers: [{ type: "NFC" }, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }, { type: "Lowercase" }],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      cls: [bos, idIn(vocab, bos)],
      sep: [eos, idIn(vocab, eos)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", unk_token: tokenIn(config, "unk_token", eos), end_of_word_suffix: "</w>", vocab, merges },
  };
}

/**
 * OpenAI's `bpe_simple_vocab_16e6.txt`: a line of comment, then merges, of which CLIP uses the first 48 894. The vocabulary follows from them:
 * the 256 bytes, the same at the end of a word, what each merge gives, and the two special tokens.
 */
export function openAiClipJson(file: string): JsonObject {
  const merges = file.split("\n").slice(1, 48895);
  const letters = lettersInOrder();
  const tokens = [...letters, ...letters.map((letter) => `${letter}</w>`), ...merges.map((merge) => merge.replace(" ", ""))];
  const all = [...tokens, "<|startoftext|>", "<|endoftext|>"];
  return clipJson(Object.fromEntries(all.map((token, id) => [token, id])), mergesOf(merges.join("\n")), {});
}

/** A special token's text as a config has it: `"[CLS]"`, or `{ "content": "[CLS]", … }`. */
export function tokenIn(config: JsonObject, key: string, usual: string): string {
  const value = config[key];
  return isJsonObject(value) ? stringField(value, "content") : stringField(config, key, usual);
}

function idIn(vocab: JsonObject, token: string): number {
  const id = vocab[token];
  if (typeof id === "number") return id;
  throw new TokenizerError(`tokenizer: the vocabulary has no ${token}`);
}
