/** ColBERT's late interaction: Khattab & Zaharia 2020, §3.3. */
import { type BatchOptions, intTensor, type ItemErrors, noGrad, type Tensor } from "@x/layers";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { encodeEach, lengthLimit, runByLength, type TextModel, tokenizerOf } from "./text-model.ts";

/** What `rank` and `scorePairs` need of a model that gives a vector for each token: ColBERT. */
export interface LateInteraction extends TextModel {
  readonly config: {
    readonly queryMaxlen: number;
    readonly docMaxlen: number;
    readonly queryTokenId: string;
    readonly docTokenId: string;
    readonly maskPunctuation: boolean;
    readonly attendToMaskTokens: boolean;
  };
  /** text (B, N) → (B, N, D) */
  forward(text: TextInput): Tensor;
}

/** A text's vectors, one after the other. */
export interface TokenVectors {
  readonly width: number;
  /** (count, width) */
  readonly data: Float32Array;
}

/**
 * Σ over a query's vectors of the greatest product with any of a passage's: how well the passage answers. Nothing answers with 0.
 * @returns NaN when they differ in width
 */
export function maxSim(query: TokenVectors, passage: TokenVectors): number {
  const { width } = query;
  let sum = 0;
  for (let i = 0; i < query.data.length; i += width) {
    let greatest = passage.data.length === 0 ? 0 : -Infinity;
    for (let j = 0; j < passage.data.length; j += width) {
      let product = 0;
      for (let d = 0; d < width; d++) product += (query.data[i + d] ?? 0) * (passage.data[j + d] ?? 0);
      greatest = Math.max(greatest, product);
    }
    sum += greatest;
  }
  return width === passage.width ? sum : Number.NaN;
}

/** The scores of pairs of a query and a passage. A text that is too long is cut. Throws as `scorePairs`. */
export async function maxSimScores(
  task: string,
  model: LateInteraction,
  pairs: readonly (readonly [query: string, passage: string])[],
  options: BatchOptions & Partial<ItemErrors>,
): Promise<(number | undefined)[]> {
  const { onError: _perPair, onProgress: _atTheEnd, ...quiet } = options;
  const queries = [...new Set(pairs.map(([query]) => query))];
  const encoded = await vectorsOf(task, model, queries, "query", quiet);
  const ofQuery = new Map(queries.map((query, i) => [query, encoded[i]]));
  const passages = await vectorsOf(task, model, pairs.map(([, passage]) => passage), "passage", options); // prettier-ignore
  return pairs.map(([query], i) => {
    const [asked, answer] = [ofQuery.get(query), passages[i]];
    return asked && answer && maxSim(asked, answer);
  });
}

interface Marked {
  readonly ids: readonly number[];
  /** Whether each is seen by the others. */
  readonly seen: readonly boolean[];
  /** Whether each one's vector is compared. */
  readonly compared: readonly boolean[];
}

async function vectorsOf(
  task: string,
  model: LateInteraction,
  texts: readonly string[],
  role: "query" | "passage",
  options: BatchOptions & Partial<ItemErrors>,
): Promise<(TokenVectors | undefined)[]> {
  const tokenizer = tokenizerOf(model, task);
  const encoded = await encodeEach(texts, (text) => marked(model, tokenizer, text, role, options.signal), options);
  const padding = tokenizer.special.pad ?? 0;
  const run = (batch: readonly Marked[]): TokenVectors[] => {
    const length = Math.max(...batch.map(({ ids }) => ids.length));
    const rows = <Value>(of: (one: Marked) => readonly Value[], fill: number): number[] =>
      batch.flatMap((one) => Array.from({ length }, (_, i) => Number(of(one)[i] ?? fill)));
    const dims = [batch.length, length];
    using inputIds = intTensor(Int32Array.from(rows(({ ids }) => ids, padding)), dims);
    using attentionMask = intTensor(Int32Array.from(rows(({ seen }) => seen, 0)), dims);
    using vectors = noGrad(() => model.forward({ inputIds, attentionMask })); // (B, N, D)
    const width = vectors.shape.at(-1) ?? 0;
    return batch.map(({ compared }, b) => {
      const places = [...compared.keys()].filter((i) => compared[i]);
      const data = new Float32Array(places.length * width);
      for (const [to, from] of places.entries())
        data.set(vectors.data.subarray((b * length + from) * width, (b * length + from + 1) * width), to * width);
      return { width, data };
    });
  };
  return runByLength(model, encoded, ({ ids }) => ids.length, run, options);
}

/** [CLS] marker text [SEP], and of a query so many [MASK]s that it has `queryMaxlen` tokens. */
async function marked(
  model: LateInteraction,
  tokenizer: Tokenizer,
  text: string,
  role: "query" | "passage",
  signal: AbortSignal | undefined,
): Promise<Marked> {
  const { config } = model;
  const isQuery = role === "query";
  const limit = lengthLimit(model, tokenizer, isQuery ? config.queryMaxlen : config.docMaxlen);
  const { ids } = await tokenizer.encodeAsync(text, { maxLength: limit - 1, truncation: "longestFirst", signal });
  const marker = tokenizer.tokenToId(isQuery ? config.queryTokenId : config.docTokenId) ?? tokenizer.special.unk ?? 0;
  const [first = 0, ...others] = ids;
  const words = [first, marker, ...others];
  if (!isQuery) {
    const skipped = new Set(config.maskPunctuation ? Array.from(punctuation, (mark) => tokenizer.tokenToId(mark)) : []);
    return { ids: words, seen: words.map(() => true), compared: words.map((id) => !skipped.has(id)) };
  }
  const masks = Array.from({ length: Math.max(0, limit - words.length) }, () => tokenizer.special.mask ?? 0);
  const all = [...words, ...masks];
  return { ids: all, seen: all.map((_, i) => i < words.length || config.attendToMaskTokens), compared: all.map(() => true) };
}

/** Python's `string.punctuation`. */
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
