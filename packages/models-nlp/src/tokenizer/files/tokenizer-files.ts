/** Finds a tokenizer's files in a place and reads them. */
import { CheckpointError } from "@x/layers";
import { type FileSource, type JsonObject, parseJson, readBytes } from "@x/layers/model";
import { jsonPipeline } from "./json-pipeline.ts";
import type { Pipeline } from "../stages/pipeline.ts";
import { readSentencePieceFile } from "./sentence-piece-file.ts";
import { marianPipeline, sentencePiecePipeline } from "./sentence-piece-pipeline.ts";
import { clipJson, openAiClipJson, openAiNormalizer, wordPieceJson } from "./vocabulary-files.ts";

export type FileContent = string | Uint8Array<ArrayBuffer>;

export interface TokenizerParts {
  readonly pipeline: Pipeline;
  /** `tokenizer_config.json`, with what `special_tokens_map.json` adds. */
  readonly config: JsonObject;
  /** What was read, by name. */
  readonly files: ReadonlyMap<string, FileContent>;
}

/** Marian's two languages have a model each; other tokenizers have one for all. */
export type Side = "source" | "target";

const sentencePieceNames = ["spiece.model", "sentencepiece.bpe.model", "spm.model", "tokenizer.model"];
const openAiNames = ["bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"];

/**
 * @returns undefined when there is none
 * @throws CheckpointError when a file can't be read; TokenizerError when one can't be followed
 */
export async function findTokenizer(source: FileSource, side: Side): Promise<TokenizerParts | undefined> {
  const reader = new Reader(source);
  const map = (await reader.json("special_tokens_map.json")) ?? {};
  const config = { ...map, ...(await reader.json("tokenizer_config.json")) };
  const [pipeline, usual] = await readPipeline(reader, config, side);
  return pipeline && { pipeline, config: { ...usual, ...config }, files: reader.files };
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

/** The pipeline, and what a config would say if there were one. */
async function readPipeline(reader: Reader, config: JsonObject, side: Side): Promise<[pipeline: Pipeline | undefined, usual: JsonObject]> {
  const json = await reader.json("tokenizer.json");
  if (json) return [jsonPipeline(json), {}];
  const marian = await readMarian(reader, side);
  if (marian) return [marian, {}];
  const merges = await reader.text("merges.txt");
  const vocab = merges === undefined ? undefined : await reader.json("vocab.json");
  if (vocab && merges !== undefined) return [jsonPipeline(clipJson(vocab, merges, config)), { pad_token: "<|endoftext|>" }];
  for (const name of openAiNames) {
    const bpe = await reader.bytes(name);
    if (bpe) return [{ ...jsonPipeline(openAiClipJson(await unzipped(bpe))), normalize: openAiNormalizer }, { model_max_length: 77 }];
  }
  for (const name of await sentencePieceFiles(reader.source)) {
    const bytes = await reader.bytes(name);
    if (bytes) return [sentencePiecePipeline(readSentencePieceFile(bytes, name), config), {}];
  }
  const lines = await reader.text("vocab.txt");
  return [lines === undefined ? undefined : jsonPipeline(wordPieceJson(lines, config)), {}];
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
