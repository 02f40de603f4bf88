/**
 * Classes of Hugging Face's library that build their stages themselves. From a `tokenizer.json` they take the vocabulary, the merges and the character map, from
 * older files the same; the rest is the class', with what `tokenizer_config.json` says.
 */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { readerOf } from "../models/models.ts";
import { booleanField, listField, objectField, stringField } from "../stages/fields.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { clipJson, tokenIn, wordPieceJson } from "./vocabulary-files.ts";

export interface TokenizerClass {
  /** The kind of model that it is about. */
  readonly model: "WordPiece" | "BPE" | "Unigram";
  /** What the tokens are called that its config doesn't name. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Whether only a `tokenizer.json` is read so. Default false. */
  readonly onlyJson?: boolean | undefined;
  /** The parts of a `tokenizer.json` that count more than the class' own, where it has them. Default none. */
  readonly keeps?: readonly string[] | undefined;
  /** The `tokenizer.json` of such a tokenizer. @param model of a `tokenizer.json`, @param charsmap in base64; "" for none */
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

/** Lower-cases whatever its config says, as Hugging Face's library does. Karpukhin et al. 2020. */
const dpr: TokenizerClass = { ...bert, json: (model, config) => bert.json(model, { ...config, do_lower_case: true }, "") };

const stages = ["normalizer", "pre_tokenizer", "decoder", "model"];

/** Takes a `tokenizer.json` as it is, but for the tokens around a text. */
const convBert: TokenizerClass = { ...bert, keeps: stages };

/** A class that Hugging Face's library has no more: a `tokenizer.json` stands for itself. */
const retriBert: TokenizerClass = { ...bert, keeps: [...stages, "post_processor"] };

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

/** GPT-2's bytes, as pairs of which words are made. Radford et al. 2019, §2.2. */
const bytePairs = (model: JsonObject, config: JsonObject): JsonObject => ({
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: booleanField(config, "add_prefix_space", false) },
  decoder: { type: "ByteLevel" },
  model: { type: "BPE", vocab: objectField(model, "vocab"), merges: model["merges"] ?? [] },
});

const gpt2: TokenizerClass = {
  model: "BPE",
  tokens: { bos_token: "<|endoftext|>", eos_token: "<|endoftext|>", unk_token: "<|endoftext|>" },
  onlyJson: true,
  keeps: ["post_processor"],
  json: bytePairs,
};

/** The same between tokens of its own. Liu et al. 2019, §4.4. */
const roberta: TokenizerClass = {
  model: "BPE",
  tokens: robertaTokens,
  json(model, given) {
    const config = { ...robertaTokens, ...given };
    const vocab = objectField(model, "vocab");
    const around = {
      type: "RobertaProcessing",
      cls: token(vocab, config, "cls_token"),
      sep: token(vocab, config, "sep_token"),
      trim_offsets: booleanField(config, "trim_offsets", true),
      add_prefix_space: booleanField(config, "add_prefix_space", false),
    };
    return { ...bytePairs(model, config), post_processor: around };
  },
};

const clipTokens = { bos_token: "<|startoftext|>", eos_token: "<|endoftext|>", unk_token: "<|endoftext|>", pad_token: "<|endoftext|>" };

/** Byte pairs of lower-cased words. Radford et al. 2021, §2.4. */
export const clip: TokenizerClass = {
  model: "BPE",
  tokens: clipTokens,
  json: (model, config) => clipJson(objectField(model, "vocab"), model["merges"] ?? [], { ...clipTokens, ...config }),
};

const albertTokens = { ...bertTokens, bos_token: "[CLS]", eos_token: "[SEP]", unk_token: "<unk>", pad_token: "<pad>" };

/** SentencePiece of lower-cased texts without accents. Lan et al. 2020, §4.1. */
const albert: TokenizerClass = {
  model: "Unigram",
  tokens: albertTokens,
  onlyJson: true,
  keeps: ["post_processor"],
  json(model, given, charsmap) {
    const config = { ...albertTokens, ...given };
    const list = listField(model, "vocab");
    const [, cls] = token(idsIn(list), config, "cls_token");
    const [, sep] = token(idsIn(list), config, "sep_token");
    const normalizers: JsonObject[] = ["``", "''"].map((quote) => ({ type: "Replace", pattern: { String: quote }, content: '"' }));
    if (!booleanField(config, "keep_accents", false)) normalizers.push({ type: "NFKD" }, { type: "StripAccents" });
    if (booleanField(config, "do_lower_case", true)) normalizers.push({ type: "Lowercase" });
    if (charsmap !== "") normalizers.push({ type: "Precompiled", precompiled_charsmap: charsmap });
    const metaspace = metaspaceOf(config);
    return {
      normalizer: { type: "Sequence", normalizers },
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace] },
      post_processor: { type: "BertProcessing", cls: ["[CLS]", cls], sep: ["[SEP]", sep] },
      decoder: metaspace,
      model: { type: "Unigram", unk_id: 1, vocab: list },
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
    const vocab = idsIn(list);
    const metaspace = metaspaceOf(config);
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
  keeps: ["post_processor"],
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
    const vocab = idsIn(list);
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
  BertTokenizer: bert, DistilBertTokenizer: bert, ElectraTokenizer: bert, MobileBertTokenizer: bert, SqueezeBertTokenizer: bert,
  DPRContextEncoderTokenizer: dpr, DPRQuestionEncoderTokenizer: dpr, DPRReaderTokenizer: dpr, LayoutLMTokenizer: bert, LxmertTokenizer: bert, ConvBertTokenizer: convBert, RetriBertTokenizer: retriBert, MPNetTokenizer: mpNet,
  RobertaTokenizer: roberta, BartTokenizer: roberta, LongformerTokenizer: roberta, LEDTokenizer: roberta, GPT2Tokenizer: gpt2, CLIPTokenizer: clip,
  XLMRobertaTokenizer: xlmRoberta(false), CamembertTokenizer: xlmRoberta(true), AlbertTokenizer: albert,
  GemmaTokenizer: gemma(false), Siglip2Tokenizer: gemma(true), T5Tokenizer: t5,
}; // prettier-ignore

/** Others that build theirs there, not here. */
const elsewhere: ReadonlySet<string> = new Set([
  "Barthez", "BigBird", "Blenderbot", "CodeGen", "CodeLlama", "Cohere", "Deberta", "DebertaV2", "Esmc", "Funnel", "GPTNeoX", "Herbert", "Lasr", "LayoutLMv2",
  "LayoutLMv3", "LayoutXLM", "Llama", "Luke", "MarkupLM", "MBart", "MBart50", "MLuke", "Mvp", "Nougat", "OpenAIGPT", "Pegasus", "Qwen2", "Qwen3_5", "Reformer",
  "RemBert", "RoFormer", "SeamlessM4T", "Splinter", "Tipsv2", "Udop", "VideoPrism", "Whisper", "XGLM", "XLNet",
].map((name) => `${name}Tokenizer`)); // prettier-ignore

/** What to know of a `tokenizer.json` that stands for itself here. */
export const notesOfClass = (className: string | undefined): string[] =>
  className !== undefined && elsewhere.has(className)
    ? [`tokenizer.json: its stages were taken; Hugging Face's library builds ${className}'s itself, which may be others`]
    : [];

/**
 * A `tokenizer.json`'s model as the class takes it, whichever it is: the tokens' ids, the merges if there are any, the pieces' scores.
 * @throws TokenizerError when its type is unknown, or the class wants scores and there are none
 */
export function modelFor(own: TokenizerClass, model: JsonObject, className: string): JsonObject {
  readerOf(model); // whatever its type, it is one that there is
  const vocab = model["vocab"];
  const isList = Array.isArray(vocab);
  if (own.model !== "Unigram") return { ...model, vocab: isList ? idsIn(vocab) : objectField(model, "vocab") };
  if (isList) return model;
  throw new TokenizerError(
    `tokenizer: ${className} wants pieces with scores, but tokenizer.json has a ${String(model["type"])} model; tokenizer_class: "PreTrainedTokenizerFast" takes the file as it is`,
  );
}

/** undefined where a `tokenizer.json` stands for itself, or the class isn't here. */
export const tokenizerClassOf = (className: string | undefined): TokenizerClass | undefined =>
  className !== undefined && Object.hasOwn(classes, className) ? classes[className] : undefined;

/** The special tokens that a vocabulary has where its config says nothing. */
export const usualTokens = (tokens: TokenizerClass["tokens"], vocab: ReadonlyMap<string, number>): JsonObject =>
  Object.fromEntries(Object.entries(tokens).filter(([, content]) => vocab.has(content)));

/** The ids of pieces with scores. */
const idsIn = (pieces: readonly Json[]): JsonObject =>
  Object.fromEntries(pieces.map((line, id) => [Array.isArray(line) ? String(line[0]) : "", id]));

const metaspaceOf = (config: JsonObject): JsonObject => ({
  type: "Metaspace",
  replacement: "▁",
  prepend_scheme: booleanField(config, "add_prefix_space", true) ? "always" : "never",
});

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
