/**
 * SentencePiece's `precompiled_charsmap`: which stretches of a text are replaced by what, such as NFKC's. The stretches lie, as UTF-8, in a trie
 * of Darts-clone (a double array, Aoe 1989), the replacements behind it, each ended by a zero byte.
 * Layout: bytes of the trie (uint32) · trie (uint32 each) · replacements.
 */
import type { AlignedText, AlignedTextBuilder } from "./aligned-text.ts";
import type { Normalizer } from "./pipeline.ts";
import { endsStep, type Steps } from "./steps.ts";
import { TokenizerError } from "./tokenizer-error.ts";

/** Bytes of a stretch or its replacement, at most. */
const longest = 256;

export class CharacterMap {
  readonly #units: Uint32Array;
  readonly #replacements: Uint8Array;

  /** @throws TokenizerError when it is cut short */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const trieBytes = bytes.length >= 4 ? view.getUint32(0, true) : Infinity;
    if (trieBytes % 4 !== 0 || trieBytes + 4 > bytes.length) throw new TokenizerError("tokenizer: precompiled_charsmap is cut short");
    this.#units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.#replacements = bytes.subarray(4 + trieBytes);
  }

  /** @throws TokenizerError when it is no base64, or cut short */
  static fromBase64(text: string): CharacterMap {
    if (!/^[A-Za-z0-9+/\s]*=*\s*$/.test(text) || text.replace(/\s/g, "").length % 4 !== 0)
      throw new TokenizerError("tokenizer: precompiled_charsmap is no base64");
    return new CharacterMap(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  }

  /** The longest stretch from `begin` on that is replaced, and by what. As SentencePiece looks it up. */
  longestAt(bytes: Uint8Array, begin: number): { readonly length: number; readonly replacement: string } | undefined {
    const found = this.#matches(bytes, begin).at(-1);
    return found && { length: found.length, replacement: this.#replacementAt(found.at) };
  }

  /**
   * As Hugging Face's library does it: each grapheme of at most five bytes is looked up whole, then each character of the rest; of several
   * stretches that it begins with, the shortest counts.
   */
  readonly normalizeByGrapheme: Normalizer = (text) => this.#byGrapheme(text);

  *#byGrapheme(text: AlignedText): Steps<AlignedText> {
    const builder = text.builder();
    let count = 0;
    for (const { segment, index } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text.text)) {
      if (endsStep(count++)) yield;
      const whole = this.#shortestOf(segment);
      if (whole !== undefined && new TextEncoder().encode(segment).length < 6) {
        spread(builder, whole, text.slice(index, index + segment.length));
        continue;
      }
      let at = index;
      for (const character of segment) {
        const piece = text.slice(at, (at += character.length));
        spread(builder, this.#shortestOf(character) ?? character, piece);
      }
    }
    return builder.build();
  }

  #shortestOf(text: string): string | undefined {
    const [found] = this.#matches(new TextEncoder().encode(text), 0);
    return found && this.#replacementAt(found.at);
  }

  /** All stretches from `begin` on, the shortest first, and where their replacements lie. */
  #matches(bytes: Uint8Array, begin: number): { readonly length: number; readonly at: number }[] {
    const found = [];
    let node = offsetOf(this.#units[0] ?? 0);
    for (let i = begin; i < Math.min(bytes.length, begin + longest); i++) {
      const byte = bytes[i] ?? 0;
      node ^= byte;
      const unit = this.#units[node];
      if (byte === 0 || unit === undefined || (unit & 0x800000ff) !== byte) break;
      node ^= offsetOf(unit);
      if (hasLeaf(unit)) found.push({ length: i + 1 - begin, at: (this.#units[node] ?? 0) & 0x7fffffff });
    }
    return found;
  }

  #replacementAt(begin: number): string {
    const bytes = this.#replacements.subarray(begin, begin + longest);
    const end = bytes.indexOf(0);
    if (end < 0) throw new TokenizerError(`tokenizer: precompiled_charsmap: a replacement has no end within ${longest} bytes`);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, end));
  }
}

const hasLeaf = (unit: number): boolean => ((unit >>> 8) & 1) === 1;
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

/** Character by character from the characters of `piece`; what is more comes from the last. */
function spread(builder: AlignedTextBuilder, replacement: string, piece: AlignedText): void {
  let at = 0;
  let origin = piece.origin(0, 0);
  for (const character of replacement) {
    const code = piece.text.codePointAt(at);
    if (code !== undefined) {
      const length = code > 0xffff ? 2 : 1;
      origin = piece.origin(at, at + length);
      at += length;
    }
    builder.add(character, ...origin);
  }
}
