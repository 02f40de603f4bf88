import { type AddedToken, type SectionFinder, sectionFinder } from "./stages/added-tokens.ts";
import { AlignedText } from "./stages/aligned-text.ts";
import type { Piece, Pipeline, TokenModel } from "./stages/pipeline.ts";
import { atOnce, endsStep, type Steps } from "./stages/steps.ts";
import type { Trims } from "./stages/template.ts";

/** One token of one text. */
export interface Token {
  readonly id: number;
  /** In UTF-16 units of the text. */
  readonly begin: number;
  readonly end: number;
  /** Number of the word in the text. */
  readonly word: number;
}

/** Text → tokens, without what the template adds: added tokens are found, the rest is normalized, cut into words, and those into tokens. */
export function tokenEncoder(pipeline: Pipeline): (text: string) => Steps<Token[]> {
  // Of several that are looked for as the same text the first counts; Hugging Face's library takes one at random.
  const byContent = (tokens: readonly AddedToken[], write: (content: string) => string): SectionFinder =>
    sectionFinder(new Map(tokens.map((token) => [write(token.content), token] as const).toReversed()));
  const findRaw = byContent(
    pipeline.addedTokens.filter(({ normalized }) => !normalized),
    (content) => content,
  );
  const findNormalized = byContent(
    pipeline.addedTokens.filter(({ normalized }) => normalized),
    (content) => normalizedText(pipeline, content),
  );

  const piecesOf = remembering(pipeline.model);
  const placeOf = (token: string, place: Place): Place => withoutSpaces(token, place, pipeline.trims);

  return function* (text) {
    const tokens: Token[] = [];
    let word = 0;
    const given = AlignedText.of(text);
    const cleaned = pipeline.clean ? yield* pipeline.clean(given) : given;
    for (const raw of yield* findRaw(cleaned.text)) {
      if (raw.token) {
        const [begin, end] = placeOf(cleaned.text.slice(raw.begin, raw.end), cleaned.origin(raw.begin, raw.end));
        tokens.push({ id: raw.token.id, begin, end, word: word++ });
        continue;
      }
      const normalized = yield* pipeline.normalize(cleaned.slice(raw.begin, raw.end));
      for (const section of yield* findNormalized(normalized.text)) {
        if (section.token) {
          const [begin, end] = placeOf(normalized.text.slice(section.begin, section.end), normalized.origin(section.begin, section.end));
          tokens.push({ id: section.token.id, begin, end, word: word++ });
          continue;
        }
        for (const part of yield* pipeline.preTokenize(normalized.slice(section.begin, section.end))) {
          for (const piece of part.length > LONG ? yield* pipeline.model.tokenize(part.text) : piecesOf(part.text)) {
            if (endsStep(tokens.length)) yield;
            const [begin, end] = placeOf(part.text.slice(piece.begin, piece.end), part.origin(piece.begin, piece.end));
            tokens.push({ id: piece.id, begin, end, word });
          }
          word++;
        }
      }
    }
    return tokens;
  };
}

type Place = readonly [begin: number, end: number];

/** A token's place without the spaces that it has at its ends. @param token as the vocabulary writes it, where Ġ is a space, too */
function withoutSpaces(token: string, [begin, end]: Place, trims: Trims | undefined): Place {
  if (!trims) return [begin, end];
  const [leading, trailing] = [leadingSpaces.exec(token)?.[0].length ?? 0, trailingSpaces.exec(token)?.[0].length ?? 0];
  const first = Math.min(begin + leading - (begin === 0 && leading === 1 && trims.keepsFirst ? 1 : 0), end);
  return [first, leading === token.length ? first : Math.max(first, end - trailing)];
}

const [leadingSpaces, trailingSpaces] = [/^[\p{White_Space}Ġ]*/u, /[\p{White_Space}Ġ]*$/u];

/** Longer words, in units, are rare. */
const LONG = 40;

const mostRemembered = 10_000;

/** Words come again and again: what they become is remembered. */
function remembering(model: TokenModel): (word: string) => readonly Piece[] {
  let known = new Map<string, readonly Piece[]>();
  return (word) => {
    let pieces = known.get(word);
    if (!pieces) {
      if (known.size >= mostRemembered) known = new Map();
      known.set(word, (pieces = atOnce(model.tokenize(word))));
    }
    return pieces;
  };
}

/** How a normalized added token is looked for, and decoded to. */
export const normalizedText = (pipeline: Pipeline, content: string): string => atOnce(pipeline.normalize(AlignedText.of(content))).text;
