/** The models of `tokenizer.json`. */
import type { Json, JsonObject } from "@x/layers/model";
import { byteFallback } from "../stages/byte-fallback.ts";
import { characterEnds, type Merge, Merges } from "./byte-pair.ts";
import { booleanField, listField, numberField, objectField, stringField } from "../stages/fields.ts";
import type { Piece, TokenModel } from "../stages/pipeline.ts";
import { ready, endsStep, type Steps } from "../stages/steps.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { fuseUnknown, Unigram } from "./unigram.ts";
import { WordPiece } from "./word-piece.ts";

export interface VocabularyAndModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly model: TokenModel;
}

const models: ReadonlyMap<string, (json: JsonObject) => VocabularyAndModel> = new Map([
  ["WordPiece", wordPieceFrom],
  ["WordLevel", wordLevelFrom],
  ["Unigram", unigramFrom],
  ["BPE", bytePairFrom],
]);

/** @throws TokenizerError when its type is unknown or what it needs is missing */
export const modelFrom = (json: JsonObject): VocabularyAndModel => readerOf(json)(json);

/** By the type that the file names, or that its entries tell. @throws TokenizerError when it is unknown */
export function readerOf(json: JsonObject): (json: JsonObject) => VocabularyAndModel {
  const type = stringField(json, "type", Array.isArray(json["vocab"]) ? "Unigram" : "merges" in json ? "BPE" : "WordPiece");
  const read = models.get(type);
  if (read) return read;
  throw new TokenizerError(`tokenizer: there is no model ${type} here`);
}

/** Words are whole. */
function wordLevelFrom(json: JsonObject): VocabularyAndModel {
  const vocabulary = idsFrom(json);
  const unkId = unkIdIn(vocabulary, json);
  return { vocabulary, model: { tokenize: (word) => ready([{ id: vocabulary.get(word) ?? unkId, begin: 0, end: word.length }]) } };
}

function unkIdIn(vocabulary: ReadonlyMap<string, number>, json: JsonObject): number {
  const unkToken = stringField(json, "unk_token", "[UNK]");
  const unkId = vocabulary.get(unkToken);
  if (unkId !== undefined) return unkId;
  throw new TokenizerError(`tokenizer: the vocabulary has no ${unkToken}`);
}

function wordPieceFrom(json: JsonObject): VocabularyAndModel {
  const vocabulary = idsFrom(json);
  const unkId = unkIdIn(vocabulary, json);
  const continuingPrefix = stringField(json, "continuing_subword_prefix", "##");
  const maxWordLength = numberField(json, "max_input_chars_per_word", 100);
  return { vocabulary, model: new WordPiece({ vocabulary, unkId, continuingPrefix, maxWordLength }) };
}

function unigramFrom(json: JsonObject): VocabularyAndModel {
  const unkId = numberField(json, "unk_id");
  if (listField(json, "vocab")[unkId] === undefined) throw new TokenizerError(`tokenizer: Unigram: unk_id is ${unkId}, which no token has`);
  const scored = listField(json, "vocab").map((entry, id) => {
    const [token, score] = Array.isArray(entry) ? (entry as readonly Json[]) : [];
    if (typeof token === "string" && typeof score === "number") return { token, id, score };
    throw new TokenizerError(`tokenizer: Unigram: vocab[${id}] should be a token and its score, but is ${JSON.stringify(entry)}`);
  });
  const tokens = new Map(scored.map((entry) => [entry.token, entry]));
  const vocabulary = new Map(scored.map(({ token, id }) => [token, id]));
  const unkScore = scored.reduce((lowest, { score }) => Math.min(lowest, score), 0) - 10;
  const unigram = new Unigram({ tokens, unkId, unkScore, round: (sum) => sum });
  const bytesOfUnknown = booleanField(json, "byte_fallback", false) ? byteFallback(unkId, vocabulary) : undefined;
  function* tokenize(word: string): Steps<Piece[]> {
    const pieces = yield* fuseUnknown(yield* unigram.tokenize(word), unkId);
    return bytesOfUnknown ? yield* bytesOfUnknown(word, pieces) : pieces;
  }
  return { vocabulary, model: { tokenize } };
}

function bytePairFrom(json: JsonObject): VocabularyAndModel {
  const vocabulary = idsFrom(json);
  if (stringField(json, "continuing_subword_prefix", "") !== "") {
    throw new TokenizerError("tokenizer: BPE with a continuing_subword_prefix is not supported");
  }
  const merges = new Merges(listField(json, "merges").map((merge, rank) => mergeFrom(merge, rank, vocabulary)));
  const suffix = stringField(json, "end_of_word_suffix", "");
  const unkToken = json["unk_token"] === undefined || json["unk_token"] === null ? undefined : stringField(json, "unk_token");
  const unkId = unkToken === undefined ? undefined : vocabulary.get(unkToken);
  const bytesOfUnknown = booleanField(json, "byte_fallback", false) ? byteFallback(-1, vocabulary) : undefined;
  if (bytesOfUnknown && suffix !== "")
    throw new TokenizerError("tokenizer: BPE with byte_fallback and an end_of_word_suffix is not supported");
  /** What stands for it until bytes have taken its place. */
  const unknown = bytesOfUnknown ? -1 : (unkId ?? -1);
  const fuse = booleanField(json, "fuse_unk", false);
  const wholeWords = booleanField(json, "ignore_merges", false);

  function* tokenize(word: string): Steps<Piece[]> {
    const whole = wholeWords ? vocabulary.get(word) : undefined;
    if (whole !== undefined) return [{ id: whole, begin: 0, end: word.length }];
    const parts = yield* merges.join(word, characterEnds(word), { suffix });
    const found: Piece[] = [];
    for (const [i, { text, begin, end }] of parts.entries()) {
      if (endsStep(i)) yield;
      found.push({ id: vocabulary.get(text) ?? unknown, begin, end });
    }
    const pieces = bytesOfUnknown ? yield* bytesOfUnknown(word, found) : found;
    if (unkId === undefined) return pieces.filter(({ id }) => id !== unknown);
    const named = bytesOfUnknown ? pieces.map((piece) => (piece.id === unknown ? { ...piece, id: unkId } : piece)) : pieces;
    return fuse ? yield* fuseUnknown(named, unkId) : named;
  }
  return { vocabulary, model: { tokenize, isBytePair: true } };
}

/** `"a b"`, or `["a", "b"]` in newer files. */
function mergeFrom(merge: Json, rank: number, vocabulary: ReadonlyMap<string, number>): Merge {
  const [left, right, ...more] = typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? (merge as readonly Json[]) : [];
  const shown = (): string => JSON.stringify(merge).slice(0, 100);
  if (typeof left !== "string" || typeof right !== "string" || left === "" || right === "" || more.length > 0) {
    throw new TokenizerError(`tokenizer: BPE: a merge should be a pair of tokens, but is ${shown()}`);
  }
  if (vocabulary.has(left + right)) return { left, right, rank };
  throw new TokenizerError(`tokenizer: BPE: the vocabulary lacks what the merge ${shown()} makes`);
}

function idsFrom(json: JsonObject): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(objectField(json, "vocab")).map(([token, id]) => {
      if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < 2 ** 31) return [token, id];
      const name = JSON.stringify(token.slice(0, 100));
      throw new TokenizerError(
        `tokenizer: the id of ${name} should be a whole number from 0 on, but is ${JSON.stringify(id).slice(0, 100)}`,
      );
    }),
  );
}
