import { drawUniform, empty, Rng } from "@x/layers";
import { fillMask, type MaskedLanguageModel, type Tokenizer } from "@x/models-nlp";

/** A word of the held-out chapters that a model is to find. */
export interface Gap {
  /** Sentences with `[MASK]` in place of the word; longer than the model reads. */
  readonly text: string;
  readonly word: string;
  /** What stands around the mask. */
  readonly around: string;
}

/** One gap a chapter: a word that is one piece, not too far from the beginning, of a passage that fills the model's whole length. */
export function gapsIn(chapters: readonly (readonly string[])[], tokenizer: Tokenizer, length: number, rng: Rng): Gap[] {
  using noise = empty([chapters.length, 2]);
  drawUniform(noise, rng);
  const draws = noise.toTypedArray();
  return chapters.flatMap((sentences, chapter) => {
    const [where = 0, which = 0] = draws.subarray(2 * chapter);
    const text = sentences.slice(Math.floor((where * sentences.length) / 2)).join(" ");
    const { ids, offsets, wordIds } = tokenizer.encode(text, { maxLength: length, truncation: "first" });
    if (ids.length < length) return [];
    const candidates = [...ids.keys()].filter((i) => {
      const alone = wordIds[i] !== wordIds[i - 1] && wordIds[i] !== wordIds[i + 1];
      return alone && i < 0.75 * length && ids[i] !== tokenizer.special.unk && /^\p{L}+$/u.test(tokenizer.idToToken(ids[i] ?? 0) ?? "");
    });
    const place = candidates[Math.floor(which * candidates.length)];
    const [begin, end] = (place !== undefined && offsets[place]) || [0, 0];
    if (end === 0) return [];
    const [before, after] = [text.slice(0, begin), text.slice(end)];
    const mask = tokenizer.idToToken(tokenizer.special.mask ?? 0);
    const around = `${before.split(" ").slice(-8).join(" ")}${mask}${after.split(" ").slice(0, 6).join(" ")}`;
    return [{ text: before + mask + after, word: text.slice(begin, end), around }];
  });
}

/** What a model would put into each gap, as lines to read. */
export async function filled(model: MaskedLanguageModel, gaps: readonly Gap[], length: number): Promise<string[]> {
  const guesses = await fillMask(
    model,
    gaps.map(({ text }) => text),
    { maxLength: length, truncation: "first" },
  );
  return gaps.map(({ around, word }, i) => {
    const tokens = guesses[i]?.map(({ token, probability }) => `${token} ${(100 * probability).toFixed(0)} %`) ?? [];
    return `  ${around}\n    was: ${word}; ${tokens.join(", ")}`;
  });
}
