/** The pipelines around a SentencePiece model: FNet's, Marian's, and the plain one. */
import { specialToken } from "../stages/added-tokens.ts";
import { booleanField } from "../stages/fields.ts";
import { resplitNumbers } from "./number-pieces.ts";
import type { TokenizerConfig } from "./tokenizer-config.ts";
import { inOrder, lowercase } from "../stages/normalizers.ts";
import type { Normalizer, Piece, Pipeline, PreTokenizer } from "../stages/pipeline.ts";
import { endsStep, type Steps } from "../stages/steps.ts";
import { SentencePiece } from "./sentence-piece.ts";
import type { SentencePieceFile } from "./sentence-piece-file.ts";
import { bareTemplate, bertTemplate, endingTemplate } from "../stages/template.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { marks } from "../stages/unicode.ts";

/** A model file by itself. With [CLS] and [SEP] among its pieces it is FNet's, or ALBERT's, which lower-cases unless told not to: `[CLS] A [SEP] B [SEP]`. */
export function sentencePiecePipeline(file: SentencePieceFile, { json, className }: TokenizerConfig): Pipeline {
  const model = new SentencePiece(file);
  const { vocabulary } = model;
  const [cls, sep] = [vocabulary.get("[CLS]"), vocabulary.get("[SEP]")];
  const addedTokens = file.pieces.flatMap(({ piece, kind }, id) =>
    kind === "control" || kind === "unknown" || albertTokens.has(piece) ? [specialToken(piece, id, piece === "[MASK]")] : [],
  );
  const decode = (tokens: readonly string[]): string => model.decode(tokens);
  const { normalize, preTokenize } = model;
  const plain: Pipeline = { vocabulary, addedTokens, normalize, preTokenize, model, template: bareTemplate, decode };
  if (cls === undefined || sep === undefined) return plain;
  const isAlbert = className === "AlbertTokenizer";
  const prepare = fnetCleaning(booleanField(json, "do_lower_case", isAlbert), booleanField(json, "keep_accents", !isAlbert));
  return {
    ...plain,
    normalize: inOrder(prepare, normalize),
    model: resplitNumbers(model),
    template: bertTemplate(cls, sep),
  };
}

/** Found in texts as they stand, whatever kind of pieces they are. */
const albertTokens: ReadonlySet<string> = new Set(["[CLS]", "[SEP]", "[MASK]"]);

/** What FNet does before SentencePiece: spaces collapsed, typewriter quotes, and accents and case as configured. */
const fnetCleaning = (lower: boolean, keepAccents: boolean): Normalizer => {
  const withoutAccents: Normalizer = (text) => text.map(/[^]/gu, (character) => character.normalize("NFKD").replace(marks, ""));
  return inOrder(
    (text) => text.replace(/\p{White_Space}+/gu, " "),
    (text) => text.replace(/^ | $/g, ""),
    (text) => text.replace(/``|''/gu, '"'),
    ...(keepAccents ? [] : [withoutAccents]),
    ...(lower ? [lowercase] : []),
  );
};

export interface PieceFiles {
  /** A SentencePiece model. It only cuts. */
  readonly file: SentencePieceFile;
  /** `vocab.json`: the ids. */
  readonly vocabulary: ReadonlyMap<string, number>;
}

/** A SentencePiece model whose pieces have the ids of another file. @param special tokens that are found in texts as they stand */
export function piecePipeline({ file, vocabulary }: PieceFiles, special: readonly string[]): Pipeline {
  const pieces = new SentencePiece(file);
  const unkId = idIn(vocabulary, "<unk>");
  const tokenOf = (word: string, { id, begin, end }: Piece): string =>
    id === pieces.unkId ? word.slice(begin, end) : (file.pieces[id]?.piece ?? "");
  return {
    vocabulary,
    addedTokens: special.map((token) => specialToken(token, idIn(vocabulary, token))),
    normalize: pieces.normalize,
    preTokenize: pieces.preTokenize,
    model: {
      *tokenize(word) {
        const found: Piece[] = [];
        for (const [i, piece] of (yield* pieces.tokenize(word)).entries()) {
          found.push({ ...piece, id: vocabulary.get(tokenOf(word, piece)) ?? unkId });
          if (endsStep(i)) yield;
        }
        return found;
      },
    },
    template: endingTemplate(idIn(vocabulary, "</s>")),
    decode: (tokens) => pieces.decode(tokens).replaceAll("▁", " ").trim(),
  };
}

/** Marian: a leading language code `>>fr<<` stands for itself; `</s>` ends the text. Junczys-Dowmunt et al. 2018. */
export function marianPipeline(files: PieceFiles): Pipeline {
  const plain = piecePipeline(files, ["</s>", "<unk>", "<pad>"]);
  const unkId = idIn(files.vocabulary, "<unk>");
  return {
    ...plain,
    *normalize(text) {
      const builder = text.builder();
      const { length } = languageCode.exec(text.text)?.[0] ?? "";
      builder.append(text, 0, length);
      builder.append(yield* plain.normalize(text.slice(length)));
      return builder.build();
    },
    preTokenize: codeApart(plain.preTokenize),
    model: {
      *tokenize(word): Steps<Piece[]> {
        if (languageCode.test(word)) return [{ id: files.vocabulary.get(word) ?? unkId, begin: 0, end: word.length }];
        return yield* plain.model.tokenize(word);
      },
    },
  };
}

function idIn(vocabulary: ReadonlyMap<string, number>, token: string): number {
  const id = vocabulary.get(token);
  if (id === undefined) throw new TokenizerError(`tokenizer: vocab.json has no ${token}`);
  return id;
}

/** Normalized text begins with ▁, so nothing else looks like a code. */
const languageCode = /^>>[^]*?<</u;

const codeApart = (preTokenize: PreTokenizer): PreTokenizer =>
  function* (text) {
    const { length } = languageCode.exec(text.text)?.[0] ?? "";
    const words = yield* preTokenize(text.slice(length));
    if (length > 0) words.unshift(text.slice(0, length));
    return words;
  };
