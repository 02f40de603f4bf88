/**
 * Classes of Hugging Face's library that build their stages themselves. From a `tokenizer.json` they take the vocabulary, the merges and the character map, from
 * older files the same; the rest is the class', with what `tokenizer_config.json` says.
 */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { booleanField, listField, objectField, stringField } from "../stages/fields.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { tokenIn, wordPieceJson } from "./vocabulary-files.ts";

export interface TokenizerClass {
  /** The kind of model that it is about. */
  readonly model: "WordPiece" | "BPE" | "Unigram";
  /** What the tokens are called that its config doesn't name. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Whether only a `tokenizer.json` is read so. Default false. */
  readonly onlyJson?: boolean | undefined;
  /** The `tokenizer.json` of such a tokenizer; where it has no `post_processor`, the file's counts. @param model of a `tokenizer.json`, @param charsmap in base64; "" for none */
  json(model: JsonObject, config: JsonObject, charsmap: string): JsonObject;
}

const bertTokens = { unk_token: "[UNK]", sep_token: "[SEP]", pad_token: "[PAD]", cls_token: "[CLS]", mask_token: "[MASK]" };
/** fairseq's. */
const robertaTokens = {
  bos_token: "<s>",
  eos_token: "</s>",
  unk_token: "<unk>",
  sep_token: "</s>",
  pad_token: "<pad>",
  cls_token: "<s>",
  mask_token: "<mask>",
};
const mpNetTokens = { ...robertaTokens, unk_token: "[UNK]" };

const bert: TokenizerClass = {
  model: "WordPiece",
  tokens: bertTokens,
  json: (model, config) => wordPieceJson(objectField(model, "vocab"), { ...bertTokens, ...config }),
};

/** BERT's words between RoBERTa's tokens. */
const mpNet: TokenizerClass = {
  model: "WordPiece",
  tokens: mpNetTokens,
  json(model, given) {
    const config = { ...mpNetTokens, ...given };
    const vocab = objectField(model, "vocab");
    const own = wordPieceJson(vocab, config);
    const around = { type: "RobertaProcessing", cls: token(vocab, config, "cls_token"), sep: token(vocab, config, "sep_token") };
    return { ...own, post_processor: around, added_tokens: [afterSpace(vocab, config)] };
  },
};

/** GPT-2's bytes. Liu et al. 2019, §4.4. */
const roberta: TokenizerClass = {
  model: "BPE",
  tokens: robertaTokens,
  json(model, given) {
    const config = { ...robertaTokens, ...given };
    const vocab = objectField(model, "vocab");
    const bytes = { type: "ByteLevel", add_prefix_space: booleanField(config, "add_prefix_space", false) };
    return {
      pre_tokenizer: bytes,
      post_processor: {
        type: "RobertaProcessing",
        cls: token(vocab, config, "cls_token"),
        sep: token(vocab, config, "sep_token"),
        trim_offsets: booleanField(config, "trim_offsets", true),
        add_prefix_space: bytes.add_prefix_space,
      },
      decoder: { type: "ByteLevel" },
      model: { type: "BPE", vocab, merges: model["merges"] ?? [] },
    };
  },
};

/** SentencePiece with fairseq's ids. Conneau et al. 2020. @param eatsSpace whether a mask swallows the space before it */
const xlmRoberta = (eatsSpace: boolean): TokenizerClass => ({
  model: "Unigram",
  tokens: robertaTokens,
  json(model, given, charsmap) {
    const config = { ...robertaTokens, ...given };
    const list = listField(model, "vocab");
    const vocab = Object.fromEntries(list.map((line, id) => [Array.isArray(line) ? String(line[0]) : "", id]));
    const metaspace = {
      type: "Metaspace",
      replacement: "▁",
      prepend_scheme: booleanField(config, "add_prefix_space", true) ? "always" : "never",
    };
    const around = {
      type: "RobertaProcessing",
      cls: token(vocab, config, "bos_token"),
      sep: token(vocab, config, "eos_token"),
      trim_offsets: false,
    };
    return {
      ...(charsmap !== "" && { normalizer: { type: "Precompiled", precompiled_charsmap: charsmap } }),
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace] },
      post_processor: around,
      decoder: metaspace,
      model: { type: "Unigram", unk_id: eatsSpace ? Math.max(0, idOf(vocab, config, "unk_token")) : 3, vocab: list },
      ...(eatsSpace && { added_tokens: [afterSpace(vocab, config)] }),
    };
  },
});

const gemmaTokens = { bos_token: "<bos>", eos_token: "<eos>", unk_token: "<unk>", pad_token: "<pad>", mask_token: "<mask>" };
const underscores: JsonObject = { type: "Replace", pattern: { String: "▁" }, content: " " };
const spaces: JsonObject = { type: "Replace", pattern: { String: " " }, content: "▁" };

/** SentencePiece's byte-pair encoding, with bytes for what is unknown. @param lowers whether texts are lower-cased, as SigLIP 2's are */
const gemma = (lowers: boolean): TokenizerClass => ({
  model: "BPE",
  tokens: gemmaTokens,
  json: (model, config) => ({
    normalizer: lowers ? { type: "Sequence", normalizers: [{ type: "Lowercase" }, spaces] } : spaces,
    pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
    decoder: { type: "Sequence", decoders: [underscores, { type: "ByteFallback" }, { type: "Fuse" }] },
    model: {
      type: "BPE",
      vocab: objectField(model, "vocab"),
      merges: model["merges"] ?? [],
      unk_token: tokenIn({ ...gemmaTokens, ...config }, "unk_token", ""),
      fuse_unk: true,
      byte_fallback: true,
    },
  }),
});

const t5Tokens = { eos_token: "</s>", unk_token: "<unk>", pad_token: "<pad>" };

/** `A </s>`. Raffel et al. 2020; SigLIP has it in open_clip's repositories. */
const t5: TokenizerClass = {
  model: "Unigram",
  tokens: t5Tokens,
  onlyJson: true,
  json(model, given, charsmap) {
    const list = listField(model, "vocab");
    const vocab = Object.fromEntries(list.map((line, id) => [Array.isArray(line) ? String(line[0]) : "", id]));
    const [, end] = token(vocab, { ...t5Tokens, ...given }, "eos_token");
    const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
    const [first, second, ending] = [
      { Sequence: { id: "A", type_id: 0 } },
      { Sequence: { id: "B", type_id: 0 } },
      { SpecialToken: { id: "</s>", type_id: 0 } },
    ];
    return {
      ...(charsmap !== "" && { normalizer: { type: "Precompiled", precompiled_charsmap: charsmap } }),
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace] },
      post_processor: {
        type: "TemplateProcessing",
        single: [first, ending],
        pair: [first, ending, second, ending],
        special_tokens: { "</s>": { id: "</s>", ids: [end], tokens: ["</s>"] } },
      },
      decoder: metaspace,
      model: { type: "Unigram", unk_id: 2, vocab: list },
    };
  },
};

const classes: Readonly<Record<string, TokenizerClass>> = {
  BertTokenizer: bert, DistilBertTokenizer: bert, ElectraTokenizer: bert, ConvBertTokenizer: bert, MobileBertTokenizer: bert,
  SqueezeBertTokenizer: bert, RetriBertTokenizer: bert, LayoutLMTokenizer: bert,
  MPNetTokenizer: mpNet, RobertaTokenizer: roberta, XLMRobertaTokenizer: xlmRoberta(false), CamembertTokenizer: xlmRoberta(true),
  GemmaTokenizer: gemma(false), Siglip2Tokenizer: gemma(true), T5Tokenizer: t5,
}; // prettier-ignore

/** undefined where a `tokenizer.json` stands for itself, or the class isn't here. */
export const tokenizerClassOf = (className: string | undefined): TokenizerClass | undefined =>
  className !== undefined && Object.hasOwn(classes, className) ? classes[className] : undefined;

/** The special tokens that a vocabulary has where its config says nothing. */
export const usualTokens = (tokens: TokenizerClass["tokens"], vocab: ReadonlyMap<string, number>): JsonObject =>
  Object.fromEntries(Object.entries(tokens).filter(([, content]) => vocab.has(content)));

/** `["<s>", 0]`, whatever the config calls it. @throws TokenizerError when the vocabulary doesn't have it */
function token(vocab: JsonObject, config: JsonObject, key: string): [content: string, id: number] {
  const content = tokenIn(config, key, "");
  const id = idOf(vocab, config, key);
  if (id >= 0) return [content, id];
  throw new TokenizerError(`tokenizer: the vocabulary has no ${content}`);
}

function idOf(vocab: JsonObject, config: JsonObject, key: string): number {
  const content = tokenIn(config, key, "");
  const id: Json | undefined = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
  return typeof id === "number" ? id : -1;
}

/** The mask, which swallows the space before it unless its config says otherwise. */
function afterSpace(vocab: JsonObject, config: JsonObject): JsonObject {
  const mask = config["mask_token"];
  const flags = isJsonObject(mask) ? mask : { content: stringField(config, "mask_token"), lstrip: true };
  return { single_word: false, rstrip: false, normalized: false, ...flags, special: true, id: idOf(vocab, config, "mask_token") };
}
