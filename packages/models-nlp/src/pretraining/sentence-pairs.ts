import { type Rng, TensorError } from "@x/layers";
import { aShare, checkOptions, needed, type RulesOf, wholeFrom } from "@x/layers/model";
import type { Encoding } from "../tokenizer/encoding.ts";
import { Draws } from "@x/layers/model";

/** A sentence's tokens, without special ones: `tokenizer.encode(sentence, { addSpecialTokens: false })`. */
export type Sentence = Pick<Encoding, "ids" | "wordIds">;

/** Two stretches of text, of one or more sentences each: [CLS] A [SEP] B [SEP]. Every array has one entry a token. */
export interface SentencePair extends Pick<Encoding, "ids" | "typeIds" | "wordIds"> {
  /** 0: B follows A in its document; 1: B is from another document. */
  readonly nextSentence: 0 | 1;
}

export interface SentencePairOptions {
  readonly clsId: number;
  readonly sepId: number;
  /** Most tokens of a pair, special ones included. */
  readonly maxLength: number;
  /** Share of pairs that aim at a random shorter length, since texts will be of all lengths later. Default 0.1. */
  readonly shortShare?: number | undefined;
}

const rules: RulesOf<SentencePairOptions> = {
  clsId: needed(wholeFrom(0)),
  sepId: needed(wholeFrom(0)),
  maxLength: needed(wholeFrom(5)),
  shortShare: aShare,
};

/**
 * Pairs for next-sentence prediction, from documents of sentences in their order. Each document is read from its beginning to its end; half of
 * the pairs get the text that follows, half a text from another document, and so does a rest of one sentence. Pairs that are too long lose tokens
 * from the longer half, at its beginning or end. Devlin et al. 2019, §3.1, "Next Sentence Prediction", and appendix A.2; the authors'
 * create_pretraining_data, but that each pair, not each document, has its chance to be short.
 *
 * @throws TensorError when there are fewer than two documents with tokens, or `maxLength` leaves no room for two tokens
 */
export function* sentencePairs(
  documents: readonly (readonly Sentence[])[],
  options: SentencePairOptions,
  rng: Rng,
): Generator<SentencePair, void, void> {
  checkOptions("sentencePairs", options, rules);
  const { clsId, sepId, maxLength, shortShare = 0.1 } = options;
  const room = maxLength - 3; // [CLS], [SEP], [SEP]
  const draws = new Draws(rng);
  const texts = documents.map((document) => document.filter(({ ids }) => ids.length > 0)).filter((document) => document.length > 0);
  if (texts.length < 2) throw new TensorError(`sentencePairs: there must be two documents with tokens, but there are ${texts.length}`);

  for (const number of draws.shuffled([...texts.keys()])) {
    const document = texts[number] ?? [];
    for (let from = 0; from < document.length;) {
      const target = draws.next() < shortShare ? 2 + draws.below(room - 1) : room;
      const chunk = takeSentences(document, from, target);
      const firstCount = chunk.length > 1 ? 1 + draws.below(chunk.length - 1) : 1;
      const first = joined(chunk.slice(0, firstCount));
      const isNext = chunk.length > 1 && draws.next() < 0.5;
      const second = isNext ? joined(chunk.slice(firstCount)) : joined(elsewhere(number, target - first.ids.length));
      from += isNext ? chunk.length : firstCount; // what a random text took the place of comes again
      yield assembled(...shortened(first, second), isNext ? 0 : 1);
    }
  }

  /** Sentences from a random place in another document. */
  function elsewhere(number: number, target: number): Sentence[] {
    const other = texts[(number + 1 + draws.below(texts.length - 1)) % texts.length] ?? [];
    return takeSentences(other, draws.below(other.length), target);
  }

  function shortened(first: Sentence, second: Sentence): [Sentence, Sentence] {
    const spans = [first, second].map(({ ids }) => ({ begin: 0, end: ids.length })) as [Span, Span];
    for (;;) {
      const [a, b] = spans.map(({ begin, end }) => end - begin) as [number, number];
      if (a + b <= room) break;
      const longer = a > b ? spans[0] : spans[1];
      if (draws.next() < 0.5) longer.begin++;
      else longer.end--;
    }
    const cut = ({ ids, wordIds }: Sentence, { begin, end }: Span): Sentence => ({
      ids: ids.slice(begin, end),
      wordIds: wordIds.slice(begin, end),
    });
    return [cut(first, spans[0]), cut(second, spans[1])];
  }

  function assembled(first: Sentence, second: Sentence, nextSentence: 0 | 1): SentencePair {
    return {
      ids: [clsId, ...first.ids, sepId, ...second.ids, sepId],
      typeIds: [...Array<number>(first.ids.length + 2).fill(0), ...Array<number>(second.ids.length + 1).fill(1)],
      wordIds: [null, ...first.wordIds, null, ...second.wordIds, null],
      nextSentence,
    };
  }
}

interface Span {
  begin: number;
  end: number;
}

/** Sentences from there on, until they have `target` tokens; at least one. */
function takeSentences(document: readonly Sentence[], from: number, target: number): Sentence[] {
  let [to, length] = [from, 0];
  do length += document[to++]?.ids.length ?? 0;
  while (to < document.length && length < target);
  return document.slice(from, to);
}

/** Several sentences as one, its words numbered on. */
function joined(sentences: readonly Sentence[]): Sentence {
  let before = 0;
  const wordIds = sentences.flatMap((sentence) => {
    const own = sentence.wordIds.map((word) => (word === null ? null : before + word));
    before = own.reduce<number>((most, word) => Math.max(most, (word ?? -1) + 1), before);
    return own;
  });
  return { ids: sentences.flatMap(({ ids }) => ids), wordIds };
}
