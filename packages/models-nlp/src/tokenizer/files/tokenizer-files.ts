/** Finds a tokenizer's files in a place and reads them. */
import { CheckpointError } from "@x/layers";
import {
  type FileSource,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonText,
  parseJson,
  readBytes,
  readJson,
  refuseForeign,
} from "@x/layers/model";
import { checkComponents } from "../stages/component-keys.ts";
import { objectField } from "../stages/fields.ts";
import type { Pipeline } from "../stages/pipeline.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { cleaners, type Cleaning } from "./cleaning.ts";
import { withDeclaredTokens } from "./declared-tokens.ts";
import { jsonPipeline, withSpacesBetweenWords } from "./json-pipeline.ts";
import { hasLanguages, inOwnLanguage } from "./languages.ts";
import { readSentencePieceFile } from "./sentence-piece-file.ts";
import { marianPipeline, sentencePiecePipeline } from "./sentence-piece-pipeline.ts";
import { sigLIPPipeline, sigLIPTokens } from "./siglip-pipeline.ts";
import { clip, modelFor, notesOfClass, type TokenizerClass, tokenizerClassOf, usualTokens } from "./token-classes.ts";
import { configOfJson, isBackend, type TokenizerConfig, tokenizerConfigFrom } from "./tokenizer-config.ts";
import { fairseqPieces, japaneseJson, mergesOf, openAiClipJson, vocabularyOf } from "./vocabulary-files.ts";

export type FileContent = string | Uint8Array<ArrayBuffer>;

export interface TokenizerParts {
  readonly pipeline: Pipeline;
  /** `tokenizer_config.json`, with what `special_tokens_map.json` adds. */
  readonly config: JsonObject;
  /** What a user should know: keys that were passed over, files that contradict each other, lower-casing that nobody asked for. */
  readonly notes: readonly string[];
  /** What is done to texts first that no file says. Default nothing. */
  readonly cleaning?: { readonly how: Cleaning; readonly stripsSeparator: boolean } | undefined;
  /** What was read, by name. */
  readonly files: ReadonlyMap<string, FileContent>;
}

/** Marian's two languages have a model each; other tokenizers have one for all. */
export type Side = "source" | "target";

const sentencePieceNames = ["spiece.model", "sentencepiece.bpe.model", "spm.model", "tokenizer.model"];
const clipTokens = { bos_token: "<|startoftext|>", eos_token: "<|endoftext|>" };
const openAiNames = ["bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"];

/**
 * @returns undefined when there is none
 * @throws CheckpointError when a file can't be read; TokenizerError when one can't be followed
 */
export async function findTokenizer(source: FileSource, side: Side): Promise<TokenizerParts | undefined> {
  const reader = new Reader(source);
  const specialTokens = await reader.json("special_tokens_map.json");
  const model = await readJson(source, "config.json");
  const config = tokenizerConfigFrom({ config: await reader.json("tokenizer_config.json"), specialTokens, model });
  const found = await readPipeline(reader, config, side);
  return found && { ...partsOf(found, config, await reader.json("added_tokens.json")), files: filesOf(reader, config) };
}

/** The files, which say their class by themselves: beside another `config.json` they stay what they are. */
function filesOf({ source, files }: Reader, { className }: TokenizerConfig): ReadonlyMap<string, FileContent> {
  const name = "tokenizer_config.json";
  const said = parseJson(String(files.get(name) ?? "{}"), name, source);
  const needed = className ?? (files.has("tokenizer.json") ? "PreTrainedTokenizerFast" : undefined);
  if ("tokenizer_class" in said || needed === undefined) return files;
  return new Map([...files, [name, jsonText({ ...said, tokenizer_class: needed })]]);
}

/** The same. @throws CheckpointError when there is none, too */
export async function readTokenizer(source: FileSource, side: Side): Promise<TokenizerParts> {
  const found = await findTokenizer(source, side);
  if (found) return found;
  throw new CheckpointError("there is no tokenizer here", {
    file: source.label,
    expected: "tokenizer.json, source.spm, vocab.json and merges.txt, bpe_simple_vocab_16e6.txt.gz, a SentencePiece model, or vocab.txt",
  });
}

/** From the contents of `tokenizer.json` and `tokenizer_config.json`. @throws TokenizerError when they can't be followed */
export function partsOfJson(json: JsonObject, tokenizerConfig: JsonObject): TokenizerParts {
  const config = tokenizerConfigFrom({ config: tokenizerConfig });
  const named = { tokenizer_class: "PreTrainedTokenizerFast", ...tokenizerConfig }; // beside a model of any kind it stays what it is
  const files = new Map([
    ["tokenizer.json", `${JSON.stringify(json)}\n`],
    ["tokenizer_config.json", `${JSON.stringify(named, null, 2)}\n`],
  ]);
  return { ...partsOf(readTokenizerJson(json, config), config, undefined), files };
}

/** What a vocabulary's files say by themselves. */
interface Found {
  readonly pipeline: Pipeline;
  /** What a config would say if there were one. */
  readonly usual?: JsonObject | undefined;
  readonly notes?: readonly string[] | undefined;
}

function partsOf(
  { pipeline, usual = {}, notes = [] }: Found,
  config: TokenizerConfig,
  added: JsonObject | undefined,
): Omit<TokenizerParts, "files"> {
  const json = { ...usual, ...config.json };
  const all = withDeclaredTokens(pipeline, json, added);
  const whole = hasLanguages(config.className) ? inOwnLanguage(all.pipeline, config.className, json) : all.pipeline;
  return { pipeline: whole, config: json, notes: [...config.notes, ...notes, ...all.notes] };
}

async function readPipeline(reader: Reader, config: TokenizerConfig, side: Side): Promise<Found | undefined> {
  const json = await reader.json("tokenizer.json");
  if (json && config.className !== "BertJapaneseTokenizer") return readTokenizerJson(json, config);
  if (config.className === "M2M100Tokenizer") return readM2M(reader, config);
  const marian = await readMarian(reader, side);
  if (marian) return { pipeline: marian };
  const merges = await reader.text("merges.txt");
  const vocab = merges === undefined ? undefined : await reader.json("vocab.json");
  if (vocab && merges !== undefined) {
    const own = tokenizerClassOf(config.className);
    const isRead = own?.model === "BPE" && own.onlyJson !== true;
    if (!isRead) expectClass(config, "vocab.json and merges.txt", ["CLIPTokenizer", "RobertaTokenizer"]);
    return readClass(isRead ? own : clip, { vocab, merges: mergesOf(merges) }, config);
  }
  for (const name of openAiNames) {
    const bpe = await reader.bytes(name);
    if (bpe)
      return {
        pipeline: { ...withSpacesBetweenWords(jsonPipeline(openAiClipJson(await unzipped(bpe)))), normalize: cleaners.lower },
        usual: { ...clipTokens, model_max_length: 77 },
      };
  }
  for (const name of await sentencePieceFiles(reader.source)) {
    const bytes = await reader.bytes(name);
    if (!bytes) continue;
    const file = readSentencePieceFile(bytes, name);
    const own = tokenizerClassOf(config.className);
    if (own?.model === "Unigram" && own.onlyJson !== true)
      return readClass(own, fairseqPieces(file, config.className === "CamembertTokenizer"), config, base64(file.precompiledCharsmap));
    if (config.className === "SiglipTokenizer") return { pipeline: sigLIPPipeline(file, config), usual: sigLIPTokens };
    expectClass(config, name, ["FNetTokenizer", "AlbertTokenizer", "XLMRobertaTokenizer", "CamembertTokenizer", "SiglipTokenizer"]);
    return { pipeline: sentencePiecePipeline(file, config) };
  }
  const lines = await reader.text("vocab.txt");
  return lines === undefined ? undefined : readVocabulary(vocabularyOf(lines), config);
}

/** Where the class builds its stages itself, only the vocabulary, the character map and the added tokens are taken. */
function readTokenizerJson(json: JsonObject, config: TokenizerConfig): Found {
  const notes = checkComponents(json);
  const usual = configOfJson(json);
  const model = objectField(json, "model");
  const [own, className = ""] = [tokenizerClassOf(config.className), config.className];
  if (!own || !("vocab" in model)) {
    return {
      pipeline: jsonPipeline(json),
      usual,
      notes: isBackend(config.className) ? notes : [...notes, ...notesOfClass(config.className), ...contradictions(json, config.json)],
    };
  }
  const listed = "added_tokens_decoder" in config.json ? undefined : (json["added_tokens"] ?? []);
  const kept = Object.fromEntries(
    (own.keeps ?? []).flatMap((key) => (isJsonObject(json[key]) || key !== "post_processor" ? [[key, json[key] ?? null]] : [])),
  );
  const charsmap = charsmapOf(json["normalizer"]);
  const built = { ...own.json(modelFor(own, model, className), config.json, charsmap), ...kept };
  const found = pipelineOf(own, built, listed);
  const changed = ["normalizer", "pre_tokenizer"].filter((key) => key in json && !isSame(json[key], built[key]));
  const taken = (key: string): string => `tokenizer.json: its ${key} isn't ${className}'s, which was taken, as Hugging Face's library does`;
  return { pipeline: found.pipeline, usual: { ...usual, ...found.usual }, notes: [...notes, ...changed.map(taken)] };
}

const readClass = (own: TokenizerClass, model: JsonObject, { json }: TokenizerConfig, charsmap = ""): Found =>
  pipelineOf(own, own.json(model, json, charsmap));

/** @param addedTokens those of a `tokenizer.json`. Default: those that the class adds itself */
function pipelineOf(own: TokenizerClass, built: JsonObject, addedTokens: Json = built["added_tokens"] ?? []): Found {
  const read = jsonPipeline({ ...built, added_tokens: addedTokens });
  const pipeline = own === clip ? withSpacesBetweenWords(read) : read;
  return { pipeline, usual: usualTokens(own.tokens, pipeline.vocabulary) };
}

/** The character map of a normalizer, or of the first in a sequence that has one; "" for none. */
function charsmapOf(normalizer: Json | undefined): string {
  const map = isJsonObject(normalizer) ? normalizer["precompiled_charsmap"] : undefined;
  if (typeof map === "string") return map;
  const inside = isJsonObject(normalizer) && Array.isArray(normalizer["normalizers"]) ? normalizer["normalizers"] : [];
  return inside.map((one) => charsmapOf(one)).find((one) => one !== "") ?? "";
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** `vocab.txt` */
function readVocabulary(vocab: JsonObject, config: TokenizerConfig): Found {
  const isJapanese = config.className === "BertJapaneseTokenizer";
  const named = tokenizerClassOf(config.className);
  if (!isJapanese && named?.model !== "WordPiece")
    expectClass(config, "vocab.txt", ["BertTokenizer", "BertJapaneseTokenizer", "MPNetTokenizer"]);
  const own = named?.model === "WordPiece" ? named : (tokenizerClassOf("BertTokenizer") as TokenizerClass);
  const { pipeline, usual } = isJapanese
    ? { pipeline: jsonPipeline(japaneseJson(vocab, config.json)), usual: undefined }
    : readClass(own, { vocab }, config);
  const lowers = !isJapanese && !("do_lower_case" in config.json);
  const capitals = lowers ? Object.keys(vocab).filter((token) => /\p{Lu}/u.test(token) && !/^\[.*\]$/.test(token)).length : 0;
  const notes = [
    ...(lowers ? ["vocab.txt: texts are lower-cased, as BERT's first models want; do_lower_case in tokenizer_config.json would say"] : []),
    ...(capitals > 0 ? [`vocab.txt: ${capitals} of its tokens have capital letters, which no lower-cased text has`] : []),
  ];
  return { pipeline, usual: usual ?? usualTokens(own.tokens, pipeline.vocabulary), notes };
}

/** @throws TokenizerError when another class of Hugging Face's library would read the file in its own way */
function expectClass({ className }: TokenizerConfig, file: string, known: readonly string[]): void {
  if (isBackend(className) || (className !== undefined && known.includes(className))) return;
  throw new TokenizerError(
    `tokenizer: the tokenizer_class is ${className}, which isn't here to read ${file}; known are ${known.join(", ")}, or any with a tokenizer.json`,
  );
}

/** Where `tokenizer_config.json` says something else than `tokenizer.json`, which is followed. */
function contradictions(json: JsonObject, config: JsonObject): string[] {
  const text = JSON.stringify(json["normalizer"] ?? {});
  const lowers = /"type":"Lowercase"|"lowercase":true/.test(text);
  const asked = config["do_lower_case"];
  const stages = JSON.stringify(json["pre_tokenizer"] ?? {});
  const [, prefixes] = /"add_prefix_space":(true|false)/.exec(stages) ?? [];
  const spaced = config["add_prefix_space"];
  return [
    ...(typeof asked === "boolean" && asked !== lowers
      ? ["tokenizer_config.json: do_lower_case isn't what tokenizer.json does, which was followed"]
      : []),
    ...(typeof spaced === "boolean" && prefixes !== undefined && String(spaced) !== prefixes
      ? ["tokenizer_config.json: add_prefix_space isn't what tokenizer.json does, which was followed"]
      : []),
  ];
}

/** Whether two stages are one, however much of what goes without saying they say. CLIP's first files don't name the special tokens, which are cut out before. */
function isSame(a: Json | undefined, b: Json | undefined): boolean {
  const usual: JsonObject = { use_regex: true, trim_offsets: true, split: true };
  const special = "<\\|startoftext\\|>|<\\|endoftext\\|>|";
  const shortOf = (stage: Json | undefined): string =>
    JSON.stringify(stage ?? null, (key, value: Json) => {
      if (key === "Regex" && typeof value === "string") return value.replace(special, "");
      return Object.hasOwn(usual, key) && usual[key] === value ? undefined : value;
    });
  return shortOf(a) === shortOf(b);
}

/** `source.spm`, `target.spm`, `vocab.json`, and `target_vocab.json` if the two languages don't share one. */
async function readMarian(reader: Reader, side: Side): Promise<Pipeline | undefined> {
  if (!(await reader.source.has("source.spm"))) return undefined;
  const [source, target] = [await reader.bytes("source.spm"), await reader.bytes("target.spm")];
  const [shared, own] = [await reader.json("vocab.json"), await reader.json("target_vocab.json")];
  const vocab = side === "target" ? (own ?? shared) : shared;
  const bytes = side === "target" ? target : source;
  if (!vocab || !bytes) {
    const expected = "source.spm, target.spm and vocab.json";
    throw new CheckpointError("a part of Marian's tokenizer is missing", { file: reader.source.label, expected });
  }
  const ids = Object.entries(vocab).map(([token, id]) => [token, Number(id)] as const);
  return marianPipeline({ file: readSentencePieceFile(bytes, `${side}.spm`), vocabulary: new Map(ids) });
}

/** M2M-100's `vocab.json` and SentencePiece file. */
async function readM2M(reader: Reader, { json }: TokenizerConfig): Promise<Found | undefined> {
  const vocab = await reader.json("vocab.json");
  if (!vocab) return undefined;
  for (const name of await sentencePieceFiles(reader.source)) {
    const bytes = await reader.bytes(name);
    if (!bytes) continue;
    const vocabulary = new Map(Object.entries(vocab).map(([token, id]) => [token, Number(id)] as const));
    const { m2mPipeline } = await import("./m2m-pipeline.ts");
    return { pipeline: m2mPipeline({ file: readSentencePieceFile(bytes, name), vocabulary }, json) };
  }
  return undefined;
}

/** The one that was asked for, the usual names, and whatever ends like one where the place can be listed. */
async function sentencePieceFiles(source: FileSource): Promise<string[]> {
  const listed = (await source.list?.()) ?? [];
  return [...(source.file ? [source.file] : []), ...sentencePieceNames, ...listed].filter((name) => /\.(model|spm)$/.test(name));
}

async function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isZipped) return new TextDecoder().decode(bytes);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Reads files and remembers what it read. */
class Reader {
  readonly source: FileSource;
  readonly files: Map<string, FileContent> = new Map();

  constructor(source: FileSource) {
    this.source = source;
  }

  async bytes(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(await this.source.has(name))) return undefined;
    const file = await this.source.open(name);
    const bytes = await readBytes(file, 0, file.size);
    if (!name.endsWith(".gz")) await refuseForeign(bytes, file.label);
    this.files.set(name, bytes);
    return bytes;
  }

  async text(name: string): Promise<string | undefined> {
    if (!(await this.source.has(name))) return undefined;
    const text = await this.source.readText(name);
    this.files.set(name, text);
    return text;
  }

  /** @throws CheckpointError when it isn't a JSON object */
  async json(name: string): Promise<JsonObject | undefined> {
    const text = await this.text(name);
    return text === undefined ? undefined : parseJson(text, name, this.source);
  }
}
