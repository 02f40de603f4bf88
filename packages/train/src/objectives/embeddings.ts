/** Sentence embeddings. Reimers & Gurevych 2019, §3. */
import { cachedLoss, concat, type Module, noGrad, normalize, tensor, type Tensor } from "@x/layers";
import { aboveZero, checkOptions, fromZero, limitFrom, type RulesOf } from "@x/layers/model";
import { cosineLoss, cosines, distances, rankingLoss, type RankingOptions, tripletLoss } from "../losses/embedding-losses.ts";
import { pearson, spearman } from "../metrics/correlation.ts";
import { retrievalScores } from "../metrics/retrieval.ts";
import { rowsOf } from "./classes.ts";
import { products } from "./image-text.ts";
import type { Learned, Objective } from "./objective.ts";
import { encoderOf, type TextModel, type TextOptions, textRules, type TextTensors, tokenizerOf } from "./text.ts";

/** What is needed of a model: SentenceEncoder. */
export interface EmbeddingModel extends Module {
  readonly tokenizer: TextModel["tokenizer"];
  readonly config: TextModel["config"];
  /** inputIds (B, N), attentionMask (B, N) → vectors (B, E) */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">): Tensor;
}

/** A text and one that belongs to it: a question and its answer, a title and its text. */
export interface RankedPair {
  readonly anchor: string;
  readonly positive: string;
  /** Texts that seem to belong to it and don't, as many in every example. Default: only the other examples' texts are told from it. */
  readonly negatives?: readonly string[] | undefined;
}

/** Two texts, and how similar they are: −1 to 1. */
export interface ScoredPair {
  readonly first: string;
  readonly second: string;
  readonly score: number;
}

export interface Triplet {
  readonly anchor: string;
  /** Nearer to the anchor … */
  readonly positive: string;
  /** … than this. */
  readonly negative: string;
}

export interface RankingEmbeddingOptions extends TextOptions, RankingOptions {
  /** How many texts go through the model at once, however large the batch (gradient caching): two passes for the memory of one chunk. Default: all. */
  readonly chunkSize?: number | undefined;
}

const rankingRules: RulesOf<RankingEmbeddingOptions> = { ...textRules, scale: aboveZero, chunkSize: limitFrom(1) };

/** A list of texts for each side. */
interface Sides {
  readonly sides: readonly TextTensors[];
}

interface RankedBatch {
  /** Anchors, positives, and each further side's negatives, in chunks. */
  readonly sides: readonly (readonly TextTensors[])[];
}

/**
 * Pairs: each anchor shall find its own text among the whole batch's, so that larger batches teach more; `chunkSize` makes room for them. Scores over all of the
 * evaluation: recallAt1, recallAt5, recallAt10, meanReciprocalRank.
 * @throws ArgumentError when the model has no tokenizer
 */
export function rankedPairs(model: EmbeddingModel, options: RankingEmbeddingOptions = {}): Objective<RankedPair, RankedBatch, Embedded> {
  checkOptions("rankedPairs", options, rankingRules);
  const tensors = tensorsOf("rankedPairs", model, options);
  const { chunkSize = Infinity } = options;
  const embed = embedder(model);
  return {
    model,
    lengthOf: ({ anchor, positive }) => anchor.length + positive.length,
    collate(examples) {
      const others = examples.map(({ negatives = [] }) => negatives);
      const columns = Array.from({ length: others[0]?.length ?? 0 }, (_, n) => others.map((row) => row[n] ?? ""));
      const texts = [examples.map(({ anchor }) => anchor), examples.map(({ positive }) => positive), ...columns];
      return { sides: texts.map((side) => inChunks(side, chunkSize).map(tensors)) };
    },
    loss({ sides }) {
      const counts = sides.map((chunks) => chunks.length);
      const ranked = (embeddings: readonly Tensor[]): Tensor => {
        const [anchors, ...candidates] = regrouped(embeddings, counts);
        return rankingLoss(anchors as Tensor, joined(candidates), options);
      };
      const chunks = sides.flat();
      if (chunkSize < Infinity && model.training) {
        const loss = cachedLoss(
          chunks.map((chunk) => () => embed(chunk)),
          ranked,
          model.rngs(),
        );
        return { loss, embeddings: [] };
      }
      const embeddings = chunks.map(embed);
      return { loss: ranked(embeddings), embeddings: regrouped(embeddings, counts) };
    },
    scores() {
      const [anchors, positives]: [Float32Array[], Float32Array[]] = [[], []];
      return {
        add({ embeddings: [ours, theirs] }) {
          if (ours) anchors.push(...rowsOf(noGrad(() => normalize(ours))));
          if (theirs) positives.push(...rowsOf(noGrad(() => normalize(theirs))));
        },
        result: () => ({ ...retrievalScores(products(anchors, positives)) }),
      };
    },
  };
}

/** Embeddings of each side (B, E), beside a loss. */
export interface Embedded extends Learned {
  readonly embeddings: readonly Tensor[];
}

/** Pairs whose similarity is known: the cosine shall be it. Scores: pearson and spearman of cosines and scores. @throws ArgumentError when the model has no tokenizer */
export function scoredPairs(
  model: EmbeddingModel,
  options: TextOptions = {},
): Objective<ScoredPair, Sides & { readonly scores: Tensor }, Embedded> {
  checkOptions("scoredPairs", options, textRules);
  const tensors = tensorsOf("scoredPairs", model, options);
  const embed = embedder(model);
  return {
    model,
    lengthOf: ({ first, second }) => first.length + second.length,
    collate: (examples) => ({
      sides: [tensors(examples.map(({ first }) => first)), tensors(examples.map(({ second }) => second))],
      scores: tensor(examples.map(({ score }) => score)),
    }),
    loss({ sides, scores }) {
      const embeddings = sides.map(embed);
      const [first, second] = embeddings as [Tensor, Tensor];
      return { loss: cosineLoss(first, second, scores), embeddings };
    },
    scores() {
      const [found, wanted]: [number[], number[]] = [[], []];
      return {
        add({ embeddings: [first, second] }, { scores }) {
          if (first && second) found.push(...noGrad(() => cosines(first, second)).data);
          wanted.push(...scores.data);
        },
        result: () => ({ pearson: pearson(found, wanted), spearman: spearman(found, wanted) }),
      };
    },
  };
}

export interface TripletOptions extends TextOptions {
  /** By how much the positive shall be nearer. Default 5. */
  readonly margin?: number | undefined;
}

const tripletRules: RulesOf<TripletOptions> = { ...textRules, margin: fromZero };

/** Triplets: the positive shall be nearer to the anchor than the negative. Score: accuracy, how often it is. @throws ArgumentError when the model has no tokenizer */
export function triplets(model: EmbeddingModel, options: TripletOptions = {}): Objective<Triplet, Sides, Embedded> {
  checkOptions("triplets", options, tripletRules);
  const tensors = tensorsOf("triplets", model, options);
  const embed = embedder(model);
  return {
    model,
    lengthOf: ({ anchor, positive, negative }) => anchor.length + positive.length + negative.length,
    collate: (examples) => ({
      sides: (["anchor", "positive", "negative"] as const).map((side) => tensors(examples.map((example) => example[side]))),
    }),
    loss({ sides }) {
      const embeddings = sides.map(embed);
      const [anchors, positives, negatives] = embeddings as [Tensor, Tensor, Tensor];
      return { loss: tripletLoss(anchors, positives, negatives, options.margin), embeddings };
    },
    scores() {
      let [right, all] = [0, 0];
      return {
        add({ embeddings }) {
          const [anchors, positives, negatives] = embeddings as [Tensor, Tensor, Tensor];
          const [near, far] = noGrad(() => [distances(anchors, positives), distances(anchors, negatives)] as const);
          const farther = far.toTypedArray();
          right += near.toTypedArray().filter((distance, i) => distance < (farther[i] ?? 0)).length;
          all += near.size;
        },
        result: () => ({ accuracy: right / Math.max(all, 1) }),
      };
    },
  };
}

function tensorsOf(where: string, model: EmbeddingModel, options: TextOptions): (texts: readonly string[]) => TextTensors {
  const encode = encoderOf(where, model as EmbeddingModel & TextModel, options);
  return (texts) => tokenizerOf(where, model).pad(texts.map((text) => encode({ text })));
}

const embedder =
  (model: EmbeddingModel) =>
  ({ inputIds, attentionMask }: TextTensors): Tensor =>
    model.encodeTexts(inputIds, attentionMask);

function inChunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const step = Math.min(size, items.length);
  return Array.from({ length: Math.ceil(items.length / step) }, (_, i) => items.slice(i * step, (i + 1) * step));
}

/** The chunks of each side together again. */
function regrouped(embeddings: readonly Tensor[], counts: readonly number[]): Tensor[] {
  let from = 0;
  return counts.map((count) => joined(embeddings.slice(from, (from += count))));
}

const joined = (parts: readonly Tensor[]): Tensor => (parts.length === 1 && parts[0] ? parts[0] : concat([...parts], 0));
