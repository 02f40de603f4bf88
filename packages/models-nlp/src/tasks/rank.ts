import { ArgumentError, type BatchOptions, type ItemErrors, noGrad, TensorError } from "@x/layers";
import { batchRules, checkModel, checkOptions, itemErrorRules, oneOf, type RulesOf, shown, wholeFrom } from "@x/layers/model";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { lengthRules } from "../tokenizer/length.ts";
import { requireText } from "../tokenizer/stages/require-text.ts";
import type { TextClassifier } from "./classify-text.ts";
import { type LateInteraction, maxSimScores } from "./max-sim.ts";
import { encodeEach, lengthLimit, runByLength, tokenizerOf } from "./text-model.ts";

/** What `rank` and `scorePairs` need of a model: any …ForSequenceClassification of one output. */
export interface Reranker extends TextClassifier {
  /** PyTorch's class that its files name for a score. Default sigmoid. */
  readonly scoreActivation?: string | undefined;
}

/** What tells how well two texts fit: a reranker, or ColBERT. */
export type PairScorer = Reranker | LateInteraction;

export interface ScorePairsOptions extends BatchOptions, Pick<EncodeOptions, "maxLength" | "truncation"> {
  /** What a logit becomes. Default: what the model's files say, else "sigmoid". */
  readonly activation?: ScoreActivation | undefined;
}

export interface RankOptions extends ScorePairsOptions {
  /** How many passages to tell, the best first. Default all. */
  readonly topK?: number | undefined;
}

export interface RankedPassage {
  /** Its place in the list. */
  readonly index: number;
  readonly text: string;
  readonly score: number;
}

type ScoreActivation = "identity" | "sigmoid" | "tanh";

const activations: Readonly<Record<ScoreActivation, (logit: number) => number>> = {
  identity: (logit) => logit,
  sigmoid: (logit) => 1 / (1 + Math.exp(-logit)),
  tanh: Math.tanh,
};

const rules: RulesOf<RankOptions & Partial<ItemErrors>> = {
  ...batchRules,
  ...itemErrorRules,
  ...lengthRules,
  activation: oneOf(...Object.keys(activations)),
  topK: wholeFrom(1),
};

/**
 * How well the two texts of each pair fit together, as a reranker judges it: sentence-transformers' `CrossEncoder.predict`. A pair that is too long loses tokens
 * of its longer text, unless `truncation` says otherwise.
 * @throws TensorError when the model has no tokenizer, or more than one output
 * @throws ArgumentError when a pair isn't one, or the model's files name an activation that isn't here
 * @throws the signal's reason when aborted
 */
export async function scorePairs(
  model: PairScorer,
  pairs: readonly (readonly [first: string, second: string])[],
  options: ScorePairsOptions & ItemErrors,
): Promise<(number | undefined)[]>;
export async function scorePairs(
  model: PairScorer,
  pairs: readonly (readonly [first: string, second: string])[],
  options?: ScorePairsOptions,
): Promise<number[]>;
export async function scorePairs(
  model: PairScorer,
  pairs: readonly (readonly [first: string, second: string])[],
  options: ScorePairsOptions & Partial<ItemErrors> = {},
): Promise<(number | undefined)[]> {
  checkOptions("scorePairs", options, rules);
  return score("scorePairs", model, pairs, options);
}

/**
 * Passages by how well they answer a query, the best first: sentence-transformers' `CrossEncoder.rank`. As `scorePairs`, of the query with each passage; those
 * that `onError` is told of are left out.
 * @throws as `scorePairs`; ArgumentError when topK isn't a whole number from 1 on
 */
export async function rank(
  model: PairScorer,
  query: string,
  passages: readonly string[],
  options: RankOptions & Partial<ItemErrors> = {},
): Promise<RankedPassage[]> {
  checkOptions("rank", options, rules);
  const { topK, ...scoring } = options;
  requireText(query, "rank: the query");
  if (!Array.isArray(passages)) throw new ArgumentError("rank", "passages are a list of texts", `${shown(passages)} came`);
  const texts: readonly string[] = passages;
  const scores = await score(
    "rank",
    model,
    texts.map((text) => [query, text] as const),
    scoring,
  );
  const found = texts.flatMap((text, index) => {
    const known = scores[index];
    return known === undefined ? [] : [{ index, text, score: known }];
  });
  return found.sort((a, b) => b.score - a.score).slice(0, topK);
}

async function score(
  task: string,
  model: PairScorer,
  pairs: readonly (readonly [string, string])[],
  { maxLength, truncation = "longestFirst", activation, ...options }: ScorePairsOptions & Partial<ItemErrors>,
): Promise<(number | undefined)[]> {
  checkModel(task, model, ["forward", "tokenizer", "config.id2label"], "BertForSequenceClassification");
  if (isLate(model)) {
    for (const [i, pair] of pairs.entries()) checkPair(task, pair, i);
    return maxSimScores(task, model, pairs, options);
  }
  const outputs = Object.keys(model.config.id2label).length;
  if (outputs !== 1) throw new TensorError(`${task}: a reranker has one output, but this model has ${outputs}; use classifyText`);
  const activate = activations[activation ?? activationOf(task, model)];
  const tokenizer = tokenizerOf(model, task);
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encode = async (pair: readonly [string, string], i: number): Promise<Encoding> => {
    checkPair(task, pair, i);
    return tokenizer.encodeAsync(pair[0], { pair: pair[1], maxLength: limit, truncation, signal: options.signal });
  };
  const run = (batch: readonly Encoding[]): number[] => {
    using inputs = tokenizer.pad(batch);
    using logits = noGrad(() => model.forward(inputs)); //                  (B, 1)
    return Array.from(logits.data, activate);
  };
  return runByLength(model, await encodeEach(pairs, encode, options), ({ ids }) => ids.length, run, options);
}

const isLate = (model: PairScorer): model is LateInteraction => "queryMaxlen" in model.config;

function checkPair(task: string, pair: readonly [string, string], i: number): void {
  if (!Array.isArray(pair) || pair.length !== 2) throw new ArgumentError(task, "a pair is two texts", `pair ${i} is ${shown(pair)}`);
  requireText(pair[0], `${task}: the first text of pair ${i}`);
  requireText(pair[1], `${task}: the second text of pair ${i}`);
}

/** What the files name is PyTorch's; of other libraries' sentence-transformers takes none either. */
function activationOf(task: string, { scoreActivation }: Reranker): ScoreActivation {
  if (scoreActivation === undefined || !scoreActivation.startsWith("torch.")) return "sigmoid";
  const name = scoreActivation.split(".").at(-1)?.toLowerCase() ?? "";
  if (name === "identity" || name === "sigmoid" || name === "tanh") return name;
  const expected = `activation must be one of ${Object.keys(activations).join(", ")}, where the model's files name another`;
  throw new ArgumentError(task, expected, `they name ${shown(scoreActivation)}`);
}
