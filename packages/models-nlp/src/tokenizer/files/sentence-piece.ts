/** SentencePiece as its own library runs it (Kudo & Richardson 2018): normalize, cut, and put together again. */
import type { AlignedText } from "../stages/aligned-text.ts";
import { checkTokenLength, PrefixTree } from "../models/prefix-tree.ts";
import { byteFallback, byteOf } from "../stages/byte-fallback.ts";
import { characterEnds, type Merge, Merges } from "../models/byte-pair.ts";
import type { Normalizer, Piece, PreTokenizer, TokenModel } from "../stages/pipeline.ts";
import { splitter } from "../stages/pre-tokenizers.ts";
import { ready, endsStep, mapped, type Steps } from "../stages/steps.ts";
import { CharacterMap } from "../stages/precompiled-charsmap.ts";
import type { PieceKind, SentencePieceFile } from "./sentence-piece-file.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { fuseUnknown, Unigram } from "../models/unigram.ts";

const space = "▁";

export class SentencePiece implements TokenModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unkId: number;
  readonly #file: SentencePieceFile;
  readonly #charsmap: CharacterMap | undefined;
  readonly #bytesOfUnknown: ReturnType<typeof byteFallback> | undefined;
  readonly #cut: TokenModel;
  /** Pieces that stay as they are in every text. */
  readonly #userDefined: PrefixTree | undefined;
  /** Cuts before each ▁. No token reaches across, so the tokens stay the same. */
  readonly preTokenize: PreTokenizer;

  /** @throws TokenizerError when it has no unknown token or its character map is damaged */
  constructor(file: SentencePieceFile) {
    this.#file = file;
    this.vocabulary = new Map(file.pieces.map(({ piece }, id) => [piece, id]));
    this.unkId = file.pieces.findIndex(({ kind }) => kind === "unknown");
    if (this.unkId < 0) throw new TokenizerError("tokenizer: the SentencePiece model has no unknown token");
    this.#bytesOfUnknown = file.byteFallback ? byteFallback(this.unkId, this.vocabulary) : undefined;
    this.#charsmap = file.precompiledCharsmap.length > 0 ? new CharacterMap(file.precompiledCharsmap) : undefined;
    const userDefined = file.pieces.flatMap(({ piece, kind }, id) =>
      kind === "userDefined" && piece !== "" ? [[piece, id] as const] : [],
    );
    this.#userDefined = userDefined.length > 0 ? new PrefixTree(userDefined) : undefined;
    this.#cut = file.modelType === "bpe" ? this.#bytePair() : this.#unigram();
    const mayCutAtSpaces =
      this.vocabulary.has(space) && !file.pieces.some(({ piece, kind }) => kind !== "control" && piece.lastIndexOf(space) > 0);
    this.preTokenize = mayCutAtSpaces ? splitter(/▁/gu, "MergedWithNext") : wholeUnlessEmpty;
  }

  kindOf(id: number): PieceKind | undefined {
    return this.#file.pieces[id]?.kind;
  }

  *tokenize(word: string): Steps<Piece[]> {
    const pieces = yield* this.#cut.tokenize(word);
    return yield* this.#bytesOfUnknown ? this.#bytesOfUnknown(word, pieces) : fuseUnknown(pieces, this.unkId);
  }

  /** Replaces what the character map says, the longest stretch first; then spaces to ▁, one before the text, none doubled or at the end. */
  readonly normalize: Normalizer = (text) => this.#normalized(text);

  *#normalized(text: AlignedText): Steps<AlignedText> {
    const { addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces } = this.#file;
    const builder = text.builder();
    const mark = escapeWhitespaces ? space : " ";
    let afterSpace = removeExtraWhitespaces;
    let isEmpty = true;
    let count = 0;
    for (const { replacement, begin, end } of this.#replaced(text)) {
      if (endsStep(count++)) yield;
      const kept = afterSpace ? replacement.replace(/^ +/, "") : replacement;
      if (isEmpty && (kept !== "" || !removeExtraWhitespaces)) {
        if (addDummyPrefix) builder.add(mark, begin, end);
        isEmpty = false;
      }
      builder.add(kept.replaceAll(" ", mark), begin, end);
      if (kept !== "") afterSpace = kept.endsWith(" ");
      if (!removeExtraWhitespaces) afterSpace = false;
    }
    const normalized = builder.build();
    if (!removeExtraWhitespaces) return normalized;
    let end = normalized.length;
    while (normalized.text.startsWith(mark, end - 1) && end > 0) end--;
    return normalized.slice(0, end);
  }

  /** Stretches of a text, what each becomes, and where it came from. User-defined pieces stay as they are. */
  *#replaced(text: AlignedText): Generator<{ replacement: string; begin: number; end: number }> {
    const bytes = this.#charsmap ? new TextEncoder().encode(text.text) : new Uint8Array();
    let byte = 0;
    for (let at = 0; at < text.length;) {
      const stop = this.#userDefined?.longestEnd(text.text, at) ?? -1;
      const match = stop < 0 ? this.#charsmap?.longestAt(bytes, byte) : undefined;
      const from = at;
      const until = byte + (match?.length ?? 1);
      for (; stop < 0 ? byte < until : at < stop; at += (text.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
        byte += byteLength(text.text, at);
      const [begin, end] = text.origin(from, at);
      yield { replacement: match?.replacement ?? text.text.slice(from, at), begin, end };
    }
  }

  #unigram(): TokenModel {
    const { pieces } = this.#file;
    const normal = pieces.filter(({ kind }) => kind === "normal").map(({ score }) => score);
    const highest = normal.reduce((a, b) => Math.max(a, b), -Infinity);
    const lowest = normal.reduce((a, b) => Math.min(a, b), Infinity);
    const tokens = new Map(
      pieces.flatMap(({ piece, score, kind }, id) => {
        if (kind === "userDefined") return [[piece, { id, score: new TextEncoder().encode(piece).length * highest - 0.1 }] as const];
        return kind === "normal" ? [[piece, { id, score }] as const] : [];
      }),
    );
    return new Unigram({ tokens, unkId: this.unkId, unkScore: Math.fround(lowest - 10), round: Math.fround });
  }

  #bytePair(): TokenModel {
    const { pieces } = this.#file;
    const merges = new Merges(mergesOf(pieces.filter(({ kind }) => kind === "normal")));
    const ids = new Map(
      pieces.flatMap(({ piece, kind }, id) => (kind === "normal" || kind === "userDefined" ? [[piece, id] as const] : [])),
    );
    const { unkId } = this;
    const partsOf = (word: string): Parameters<Merges["join"]> => [word, ...this.#parts(word)];
    function* tokenize(word: string): Steps<Piece[]> {
      const parts = yield* merges.join(...partsOf(word));
      return yield* mapped(parts, ({ text, begin, end }) => ({ id: ids.get(text) ?? unkId, begin, end }));
    }
    return { tokenize };
  }

  /** Where characters and user-defined pieces end, and which are the latter: they take no part in merging. */
  #parts(word: string): [ends: Int32Array, options: { readonly frozen?: ReadonlySet<number> | undefined }] {
    if (!this.#userDefined) return [characterEnds(word), {}];
    const ends: number[] = [];
    const frozen = new Set<number>();
    for (let begin = 0; begin < word.length; begin = ends.at(-1) ?? 0) {
      const end = this.#userDefined.longestEnd(word, begin);
      if (end >= 0) frozen.add(ends.length);
      ends.push(end >= 0 ? end : begin + characterAt(word, begin).length);
    }
    return [Int32Array.from(ends), { frozen }];
  }

  /** Tokens → text: ▁ is a space, the one before the text goes, controls are invisible, bytes are put together. */
  decode(tokens: readonly string[]): string {
    const { addDummyPrefix, removeExtraWhitespaces, unkSurface } = this.#file;
    let text = "";
    let bytes: number[] = [];
    let atBegin = true;
    const flush = (): void => {
      text += new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
      bytes = [];
    };
    for (const token of tokens) {
      const id = this.vocabulary.get(token);
      const kind = id === undefined ? undefined : this.kindOf(id);
      const byte = kind === "byte" ? byteOf(token) : undefined;
      if (byte !== undefined) {
        bytes.push(byte);
        continue;
      }
      flush();
      if (text !== "") atBegin = false;
      if (kind === "control") continue;
      if (kind === "unknown") text += unkSurface;
      else if (id === undefined) text += token;
      else {
        const stripped = atBegin && (addDummyPrefix || removeExtraWhitespaces) && token.startsWith(space);
        if (stripped && !removeExtraWhitespaces) atBegin = false;
        text += (stripped ? token.slice(1) : token).replaceAll(space, " ");
      }
    }
    flush();
    return text;
  }
}

const wholeUnlessEmpty: PreTokenizer = (text) => ready(text.length > 0 ? [text] : []);

/** The pieces of a BPE model as merges: any two parts that make a piece may be joined, a higher score first, equal ones from the left. */
function mergesOf(pieces: readonly { readonly piece: string; readonly score: number }[]): Merge[] {
  const known = new Set(pieces.map(({ piece }) => piece));
  const order = [...new Set(pieces.map(({ score }) => score))].sort((a, b) => b - a);
  const ranks = new Map(order.map((score, rank) => [score, rank]));
  return pieces.flatMap(({ piece, score }) => {
    checkTokenLength(piece);
    const cuts = Array.from({ length: Math.max(0, piece.length - 1) }, (_, i) => i + 1);
    return cuts.flatMap((cut) => {
      const [left, right] = [piece.slice(0, cut), piece.slice(cut)];
      const isCut = (part: string): boolean => known.has(part) || Array.from(part).length === 1;
      return isCut(left) && isCut(right) ? [{ left, right, rank: ranks.get(score) ?? 0 }] : [];
    });
  });
}

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0);

/** UTF-8 bytes of the character at a position. Half a surrogate pair counts as the three of U+FFFD. */
function byteLength(text: string, at: number): number {
  const code = text.codePointAt(at) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
