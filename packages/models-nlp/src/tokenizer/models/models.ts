/** The models of `tokenizer.json`. */
import type { Json, JsonObject } from "@x/layers/model";
import { bytesOfUnknown } from "../stages/byte-fallback.ts";
import { characters, joinPairs, type Part } from "./byte-pair.ts";
import { booleanField, listField, numberField, objectField, stringField } from "../stages/fields.ts";
import type { Piece, TokenModel } from "../stages/pipeline.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { fuseUnknown, Unigram } from "./unigram.ts";
import { WordPiece } from "./word-piece.ts";

export interface VocabularyAndModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly model: TokenModel;
}

/** @throws TokenizerError when its type is unknown or what it needs is missing */
export function modelFrom(json: JsonObject): VocabularyAndModel {
  const type = stringField(json, "type", Array.isArray(json["vocab"]) ? "Unigram" : "merges" in json ? "BPE" : "WordPiece");
  switch (type) {
    case "WordPiece":
      return wordPieceFrom(json);
    case "Unigram":
      return unigramFrom(json);
    case "BPE":
      return bytePairFrom(json);
    default:
      throw new TokenizerError(`tokenizer: there is no model ${type} here`);
  }
}

function wordPieceFrom(json: JsonObject): VocabularyAndModel {
  const vocabulary = idsFrom(json);
  const unkToken = stringField(json, "unk_token", "[UNK]");
  const unkId = vocabulary.get(unkToken);
  if (unkId === undefined) throw new TokenizerError(`tokenizer: the vocabulary has no ${unkToken}`);
  const continuingPrefix = stringField(json, "continuing_subword_prefix", "##");
  const maxWordLength = numberField(json, "max_input_chars_per_word", 100);
  return { vocabulary, model: new WordPiece({ vocabulary, unkId, continuingPrefix, maxWordLength }) };
}

function unigramFrom(json: JsonObject): VocabularyAndModel {
  const unkId = numberField(json, "unk_id");
  const scored = listField(json, "vocab").map((entry, id) => {
    const [token, score] = Array.isArray(entry) ? (entry as readonly Json[]) : [];
    if (typeof token === "string" && typeof score === "number") return { token, id, score };
    throw new TokenizerError(`tokenizer: Unigram: vocab[${id}] should be a token and its score, but is ${JSON.stringify(entry)}`);
  });
  const tokens = new Map(scored.map((entry) => [entry.token, entry]));
  const vocabulary = new Map(scored.map(({ token, id }) => [token, id]));
  const unkScore = scored.reduce((lowest, { score }) => Math.min(lowest, score), 0) - 10;
  const unigram = new Unigram({ tokens, unkId, unkScore, round: (sum) => sum });
  const fallback = booleanField(json, "byte_fallback", false);
  const tokenize = (word: string): Piece[] => {
    const pieces = fuseUnknown(unigram.tokenize(word), unkId);
    return fallback ? bytesOfUnknown(word, pieces, unkId, vocabulary) : pieces;
  };
  return { vocabulary, model: { tokenize } };
}

function bytePairFrom(json: JsonObject): VocabularyAndModel {
  const vocabulary = idsFrom(json);
  if (stringField(json, "continuing_subword_prefix", "") !== "") {
    throw new TokenizerError("tokenizer: BPE with a continuing_subword_prefix is not supported");
  }
  const ranks = new Map(listField(json, "merges").map((merge, rank) => [mergeKey(merge), rank]));
  const suffix = stringField(json, "end_of_word_suffix", "");
  const unkToken = json["unk_token"] === undefined || json["unk_token"] === null ? undefined : stringField(json, "unk_token");
  const unkId = unkToken === undefined ? undefined : vocabulary.get(unkToken);
  const fallback = booleanField(json, "byte_fallback", false);
  const fuse = booleanField(json, "fuse_unk", false);
  const wholeWords = booleanField(json, "ignore_merges", false);

  const tokenize = (word: string): Piece[] => {
    const whole = wholeWords ? vocabulary.get(word) : undefined;
    if (whole !== undefined) return [{ id: whole, begin: 0, end: word.length }];
    const parts: Part[] = characters(word);
    const last = parts.at(-1);
    if (last) parts[parts.length - 1] = { ...last, text: last.text + suffix };
    const found = joinPairs(parts, (left, right) => ranks.get(`${left} ${right}`));
    const pieces = found.flatMap(({ text, begin, end }) => {
      const id = vocabulary.get(text) ?? (fallback ? -1 : unkId);
      return id === undefined ? [] : [{ id, begin, end }];
    });
    if (fallback) {
      const known = bytesOfUnknown(word, pieces, -1, vocabulary);
      return known.flatMap((piece) => (piece.id !== -1 ? [piece] : unkId === undefined ? [] : [{ ...piece, id: unkId }]));
    }
    return fuse && unkId !== undefined ? fuseUnknown(pieces, unkId) : pieces;
  };
  return { vocabulary, model: { tokenize } };
}

/** `"a b"`, or `["a", "b"]` in newer files. */
function mergeKey(merge: Json): string {
  if (typeof merge === "string") return merge;
  if (Array.isArray(merge) && merge.length === 2) return merge.join(" ");
  throw new TokenizerError(`tokenizer: BPE: a merge should be a pair of tokens, but is ${JSON.stringify(merge)}`);
}

function idsFrom(json: JsonObject): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(objectField(json, "vocab")).map(([token, id]) => {
      if (typeof id === "number") return [token, id];
      throw new TokenizerError(`tokenizer: the id of ${JSON.stringify(token)} should be a number, but is ${JSON.stringify(id)}`);
    }),
  );
}
