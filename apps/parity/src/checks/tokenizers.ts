/** The folder `tokenizers`: WordPiece, SentencePiece and CLIP's byte pairs, number by number. Nothing but equality counts. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type FileBytes, init } from "@x/layers";
import { Tokenizer } from "@x/models-nlp";
import { compare, type Comparison } from "../compare.ts";

interface Checked {
  readonly rows: Comparison[];
  readonly uncovered: string[];
}

interface WordPieceRow {
  readonly ids: number[];
  readonly offsets?: number[][];
  readonly type_ids?: number[];
}

const clipVocabulary = "bpe_simple_vocab_16e6.txt.gz";

export async function checkTokenizers(folder: string): Promise<Checked> {
  await init();
  const rows: Comparison[] = [];
  const uncovered: string[] = [];
  if (existsSync(join(folder, "wordpiece.json"))) rows.push(...(await checkWordPiece(folder)));
  if (existsSync(join(folder, "sentencepiece.json"))) rows.push(...(await checkSentencePiece(folder)));
  if (existsSync(join(folder, "clip_bpe.json"))) {
    const places = [folder, join(folder, "..", "..", "clip")].map((place) => join(place, clipVocabulary));
    const vocabulary = places.find(existsSync);
    if (vocabulary === undefined) uncovered.push(`tokenizers/clip_bpe.json (there is no ${clipVocabulary} beside it)`);
    else rows.push(...(await checkClip(folder, vocabulary)));
  }
  return { rows, uncovered };
}

/** Keys such as `lower=True,strip=None,chinese=True`; texts, or `PAIR first ||| second`. */
async function checkWordPiece(folder: string): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  const vocabulary = await readFile(join(folder, "wordpiece_vocab.txt"));
  for (const [key, cases] of Object.entries(await readJson<Record<string, Record<string, WordPieceRow>>>(folder, "wordpiece.json"))) {
    const setting = (name: string) =>
      ({ True: true, False: false, None: null })[new RegExp(`${name}=(True|False|None)`).exec(key)?.[1] ?? "None"];
    const config = { do_lower_case: setting("lower"), strip_accents: setting("strip"), tokenize_chinese_chars: setting("chinese") };
    const json = new TextEncoder().encode(JSON.stringify(config));
    const tokenizer = await tokenizerFrom([
      ["vocab.txt", new Uint8Array(vocabulary)],
      ["tokenizer_config.json", json],
    ]);
    for (const [text, expected] of Object.entries(cases)) {
      const [, first = text, pair] = /^PAIR (.*) \|\|\| (.*)$/su.exec(text) ?? [];
      const found = tokenizer.encode(first, pair === undefined ? {} : { pair });
      const ours = [...found.ids, ...(expected.offsets ? found.offsets.flat() : []), ...(expected.type_ids ? found.typeIds : [])];
      const theirs = [...expected.ids, ...(expected.offsets?.flat() ?? []), ...(expected.type_ids ?? [])];
      rows.push(exactly(`wordpiece ${key}`, text, ours, theirs));
    }
  }
  return rows;
}

async function checkSentencePiece(folder: string): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  type Cases = Record<string, { ids: number[] }> & { _decode?: Record<string, string> };
  for (const [name, { _decode, ...cases }] of Object.entries(await readJson<Record<string, Cases>>(folder, "sentencepiece.json"))) {
    const model = new Uint8Array(await readFile(join(folder, `${name}.model`)));
    const tokenizer = await tokenizerFrom([[`${name}.model`, model]]);
    for (const [text, { ids }] of Object.entries(cases))
      rows.push(exactly(name, text, tokenizer.encode(text, { addSpecialTokens: false }).ids, ids));
    for (const [ids, text] of Object.entries(_decode ?? {})) {
      rows.push(exactly(name, `decode ${text}`, unitsOf(tokenizer.decode(JSON.parse(ids) as number[])), unitsOf(text)));
    }
  }
  return rows;
}

async function checkClip(folder: string, vocabulary: string): Promise<Comparison[]> {
  const tokenizer = await tokenizerFrom([[clipVocabulary, new Uint8Array(await readFile(vocabulary))]]);
  const cases = Object.entries(await readJson<Record<string, number[]>>(folder, "clip_bpe.json"));
  return cases.map(([text, ids]) => exactly("clip bpe", text, tokenizer.encode(text).ids, ids));
}

function exactly(model: string, text: string, ours: readonly number[], theirs: readonly number[]): Comparison {
  const agrees = ours.length === theirs.length && theirs.every((value, i) => value === ours[i]);
  const shown = JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text);
  return { ...compare(model, shown, ours, { shape: [theirs.length], data: theirs }), agrees };
}

const unitsOf = (text: string): number[] => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
const tokenizerFrom = (files: readonly [name: string, bytes: FileBytes][]): Promise<Tokenizer> => Tokenizer.fromPretrained(new Map(files));
const readJson = async <T>(folder: string, name: string): Promise<T> => JSON.parse(await readFile(join(folder, name), "utf8")) as T;
