import { softmaxOf, topIndices } from "./scores.ts";

export interface SpanOptions {
  /** One number a token. */
  readonly startLogits: ArrayLike<number>;
  readonly endLogits: ArrayLike<number>;
  /** Where an answer may stand. */
  readonly inContext: readonly boolean[];
  /** Position of the token ([CLS]) that stands for no answer; −1 if there is none. */
  readonly none: number;
  readonly topK: number;
  /** Most tokens of a span. */
  readonly maxAnswerLength: number;
}

export interface Span {
  readonly start: number;
  /** The last token. */
  readonly end: number;
  readonly probability: number;
}

/**
 * The likeliest spans of tokens: those of the highest P(start) P(end), both from a softmax over the context's tokens and [CLS], with start ≤ end.
 * Devlin et al. 2019, §4.2; and of none, §4.3.
 */
export function bestSpans(options: SpanOptions): { readonly spans: Span[]; readonly none: number } {
  const { inContext, none, topK, maxAnswerLength } = options;
  const allowed = (logits: ArrayLike<number>): Float64Array =>
    softmaxOf(Array.from(logits, (logit, i) => (inContext[i] || i === none ? logit : -10000)));
  const [starts, ends] = [allowed(options.startLogits), allowed(options.endLogits)];
  const spans: Span[] = [];
  for (const start of inContext.keys()) {
    if (!inContext[start]) continue;
    for (let end = start; end < Math.min(inContext.length, start + maxAnswerLength) && inContext[end]; end++) {
      spans.push({ start, end, probability: (starts[start] ?? 0) * (ends[end] ?? 0) });
    }
  }
  const best = topIndices(
    spans.map(({ probability }) => probability),
    topK,
  );
  return { spans: best.map((i) => spans[i] as Span), none: (starts[none] ?? 0) * (ends[none] ?? 0) };
}
