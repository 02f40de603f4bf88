/** `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`: which class of Hugging Face's library they ask for, and with what. */
import { checkKeys, isJsonObject, type Json, type JsonObject, type KeyTable } from "@x/layers/model";
import { tokenizerJsonKeys } from "../stages/component-keys.ts";
import { booleanField, listField, numberField, objectField, stringField } from "../stages/fields.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";

export const tokenizerConfigKeys: KeyTable = {
  file: "tokenizer_config.json",
  followed: [
    "tokenizer_class", "model_max_length", "max_len", "padding_side", "truncation_side", "model_input_names", "split_special_tokens",
    "clean_up_tokenization_spaces", "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output",
    "do_lower_case", "strip_accents", "tokenize_chinese_chars", "keep_accents", "add_prefix_space", "trim_offsets",
    "src_lang", "tgt_lang", "language_codes", "legacy_behaviour",
    "word_tokenizer_type", "subword_tokenizer_type", "do_subword_tokenize", "do_word_tokenize",
    "*_token", "added_tokens_decoder", "extra_special_tokens", "additional_special_tokens", "model_specific_special_tokens",
  ], // prettier-ignore
  passedOver: {
    "it is about chats": ["chat_template", "response_template", "response_schema", "chat_control_tokens"],
    "it says where files lay, or who wrote them": [
      "name_or_path", "tokenizer_file", "vocab_file", "merges_file", "spm_file", "source_spm", "target_spm", "target_vocab_file", "vocab",
      "special_tokens_map_file", "added_tokens_file", "init_inputs", "files_loaded", "is_local", "local_files_only", "from_slow", "use_fast",
      "backend", "processor_class", "transformers_version", "revision", "auto_map", "verbose",
    ], // prettier-ignore
    "a call says it": [
      "max_length", "truncation", "truncation_strategy", "stride", "padding", "pad_to_multiple_of", "pad_to_max_length", "pad_token_type_id",
      "return_tensors", "return_token_type_ids", "return_attention_mask", "add_special_tokens",
    ], // prettier-ignore
    "the reference doesn't heed it with the tokenizers that are here": [
      "do_basic_tokenize", "never_split", "spaces_between_special_tokens", "clean_text", "wordpieces_prefix", "add_bos_token", "add_eos_token",
      "errors", "legacy", "use_default_system_prompt", "model_type", "source_lang", "target_lang", "separate_vocabs", "unk_id",
      "mecab_kwargs", "num_madeup_words", "sudachi_kwargs", "jumanpp_kwargs",
    ], // prettier-ignore
  },
  refused: {
    sp_model_kwargs: { because: "SentencePiece's sampling isn't here" },
    remove_space: { unless: [true], because: "spaces are always collapsed" },
  },
};

export const specialTokensMapKeys: KeyTable = {
  file: "special_tokens_map.json",
  followed: ["*_token", "additional_special_tokens", "extra_special_tokens"],
};

/** What classes can't be asked for whose texts have no language of their own here. */
export const languageKeys: KeyTable = {
  file: "tokenizer_config.json of classes without languages, besides",
  followed: [],
  refused: {
    src_lang: { because: "codes of languages belong to tokenizers that aren't here" },
    tgt_lang: { because: "codes of languages belong to tokenizers that aren't here" },
  },
};

/** What `BertJapaneseTokenizer` can't be here, besides. */
export const japaneseConfigKeys: KeyTable = {
  file: "tokenizer_config.json of BertJapaneseTokenizer, besides",
  followed: [],
  refused: {
    word_tokenizer_type: { unless: ["basic"], because: "words are found by MeCab, Sudachi or Juman++, which aren't here" },
    subword_tokenizer_type: { unless: ["wordpiece", "character"], because: "only wordpiece and character are here" },
    do_word_tokenize: { unless: [true], because: "texts are always cut into words" },
    never_split: { because: "words that stay whole aren't supported" },
  },
};

/** What files beside a vocabulary may say, by their names. */
export const tokenizerFileKeys: Readonly<Record<string, KeyTable>> = {
  "tokenizer_config.json": tokenizerConfigKeys,
  "special_tokens_map.json": specialTokensMapKeys,
  "tokenizer.json": tokenizerJsonKeys,
};

/** Which class a model's tokenizer is of, where no file says: models whose files would be read in another way than they look. */
const classByModel: Readonly<Record<string, string>> = {
  bert: "BertTokenizer", distilbert: "DistilBertTokenizer", electra: "ElectraTokenizer", convbert: "ConvBertTokenizer",
  mobilebert: "MobileBertTokenizer", squeezebert: "SqueezeBertTokenizer", layoutlm: "LayoutLMTokenizer", nomic_bert: "BertTokenizer",
  mpnet: "MPNetTokenizer", m2m_100: "M2M100Tokenizer", roberta: "RobertaTokenizer", "xlm-roberta": "XLMRobertaTokenizer", camembert: "CamembertTokenizer", gpt2: "GPT2Tokenizer",
  bart: "BartTokenizer", t5: "T5Tokenizer", deberta: "DebertaTokenizer", "deberta-v2": "DebertaV2Tokenizer", longformer: "LongformerTokenizer",
  clip: "CLIPTokenizer", albert: "AlbertTokenizer", led: "LEDTokenizer", llama: "LlamaTokenizer", siglip: "SiglipTokenizer", roc_bert: "RoCBertTokenizer", funnel: "FunnelTokenizer", lxmert: "LxmertTokenizer",
}; // prettier-ignore

/** What the files beside the vocabulary say. */
export interface TokenizerConfig {
  /** All keys, those of `special_tokens_map.json` among them. */
  readonly json: JsonObject;
  /** The class of Hugging Face's library, without "Fast"; undefined where nothing says. */
  readonly className: string | undefined;
  /** Keys that aren't known here. */
  readonly notes: readonly string[];
}

export interface ConfigFiles {
  /** `tokenizer_config.json` */
  readonly config: JsonObject | undefined;
  /** `special_tokens_map.json`. Where `tokenizer_config.json` has `added_tokens_decoder` it isn't heeded; else it has the last word. */
  readonly specialTokens?: JsonObject | undefined;
  /** `config.json`, the model's. */
  readonly model?: JsonObject | undefined;
}

/** @throws TokenizerError when a key can't be followed */
export function tokenizerConfigFrom({ config = {}, specialTokens = {}, model = {} }: ConfigFiles): TokenizerConfig {
  const named = config["tokenizer_class"] ?? model["tokenizer_class"] ?? ownEntry(classByModel, model["model_type"]);
  const className = typeof named === "string" ? named.replace(/Fast$/, "") : undefined;
  const isJapanese = className === "BertJapaneseTokenizer";
  const refuse = (message: string): TokenizerError => new TokenizerError(`tokenizer: ${message}`);
  const notes = checkKeys(config, tokenizerConfigKeys, refuse).concat(checkKeys(specialTokens, specialTokensMapKeys, refuse));
  if (isJapanese) checkKeys(config, japaneseConfigKeys, refuse);
  if (className !== "M2M100Tokenizer" && className !== "NllbTokenizer") checkKeys(config, languageKeys, refuse);
  const overriding = "added_tokens_decoder" in config ? {} : withoutNulls(specialTokens);
  return { json: { ...config, ...overriding }, className, notes };
}

const ownEntry = (table: Readonly<Record<string, string>>, key: Json | undefined): string | undefined =>
  typeof key === "string" && Object.hasOwn(table, key) ? table[key] : undefined;

const withoutNulls = (json: JsonObject): JsonObject => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));

/** Whether `tokenizer.json` stands for itself. */
export const isBackend = (className: string | undefined): boolean =>
  className === undefined || className === "PreTrainedTokenizer" || className === "TokenizersBackend";

/** What a tokenizer does around its pipeline. */
export interface TokenizerSettings {
  /** Most tokens, special ones included. */
  readonly maxLength: number | undefined;
  readonly paddingSide: Side;
  /** Which end of a text that is too long is cut off. */
  readonly truncationSide: Side;
  readonly cleansUp: boolean;
  /** Whether a special token that stands in a text is read as text. */
  readonly splitsSpecialTokens: boolean;
  /** Whether the second text of a pair is of type 1; else all are 0. */
  readonly givesTypes: boolean;
}

type Side = "left" | "right";

/** @param isBytePair whether the model is BPE, whose texts are cleaned up only when that is asked for at length */
export function settingsFrom(json: JsonObject, isBytePair: boolean): TokenizerSettings {
  const names = listField(json, "model_input_names", ["token_type_ids"]);
  const forced = booleanField(json, "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", false);
  return {
    maxLength: maxLengthFrom(json),
    paddingSide: sideFrom(json, "padding_side"),
    truncationSide: sideFrom(json, "truncation_side"),
    cleansUp: booleanField(json, "clean_up_tokenization_spaces", false) && (!isBytePair || forced),
    splitsSpecialTokens: booleanField(json, "split_special_tokens", false),
    givesTypes: names.includes("token_type_ids"),
  };
}

/** `model_max_length`, or `max_len` as it was once called. Hugging Face writes 1e30 for no limit. */
function maxLengthFrom(json: JsonObject): number | undefined {
  const limit = numberField(json, "model_max_length", numberField(json, "max_len", Infinity));
  if (limit >= 1e9) return undefined;
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new TokenizerError(`tokenizer: model_max_length should be a whole number from 1 on, but is ${limit}`);
}

function sideFrom(json: JsonObject, key: string): Side {
  const side = stringField(json, key, "right");
  if (side === "left" || side === "right") return side;
  throw new TokenizerError(`tokenizer: ${key} should be "left" or "right", but is ${JSON.stringify(side)}`);
}

/** `padding` and `truncation` of `tokenizer.json` say sides and the padding token where the config doesn't; whether and how far, each call says. */
export function configOfJson(json: JsonObject): JsonObject {
  const [padding, truncation] = [objectField(json, "padding", {}), objectField(json, "truncation", {})];
  const side = (of: JsonObject): string => stringField(of, "direction", "Right").toLowerCase(); // older files have none for truncation
  return {
    ...(isJsonObject(json["padding"]) && { padding_side: side(padding), pad_token: stringField(padding, "pad_token") }),
    ...(isJsonObject(json["truncation"]) && { truncation_side: side(truncation) }),
  };
}
