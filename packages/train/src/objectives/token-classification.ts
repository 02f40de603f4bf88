import { argmax, ArgumentError, crossEntropy, type Labels, type Tensor } from "@x/layers";
import { checkOptions, shown } from "@x/layers/model";
import { entityScores } from "../metrics/entities.ts";
import type { Label } from "./classes.ts";
import { countLabels, IGNORED, labelsOnTokens } from "./labels-on-tokens.ts";
import type { Learned, Objective, Scores } from "./objective.ts";
import { encoderOf, type TextIds, type TextModel, type TextOptions, textRules, type TextTensors, tokenizerOf } from "./text.ts";

/** What is needed of a model: BertForTokenClassification… */
export interface TokenClassifierModel extends TextModel {
  readonly config: TextModel["config"] & { readonly id2label: Labels };
  /** text (B, N) → logits (B, N, classes) */
  forward(text: TextTensors): Tensor;
}

/** A text in words, each with its tag: `B-PER`, `I-PER`, `O`… */
export interface TaggedText {
  readonly words: readonly string[];
  /** As many, by name or number. */
  readonly tags: readonly Label[];
}

export interface TaggedBatch {
  readonly text: TextTensors;
  /** (B, N): the tag where a word begins, −100 elsewhere */
  readonly labels: Tensor<"int32">;
}

/** Logits beside a loss. */
export interface TaggedOutcome extends Learned {
  /** (B, N, classes) */
  readonly logits: Tensor;
}

/** A token with its place in the text. */
interface PlacedIds extends TextIds {
  readonly offsets: readonly (readonly [begin: number, end: number])[];
  readonly sequenceIds: readonly (0 | 1 | null)[];
}

/**
 * Classes of words: of each the first token is asked. Devlin et al. 2019, §5.3. Scores: accuracy of words, and precision, recall and f1 of whole entities as seqeval
 * counts them, of each kind too.
 * @throws ArgumentError when the model has no tokenizer, or a tag is none of its classes, or there aren't as many as words
 */
export function tokenClassification(
  model: TokenClassifierModel,
  options: TextOptions = {},
): Objective<TaggedText, TaggedBatch, TaggedOutcome> {
  const where = "tokenClassification";
  checkOptions(where, options, textRules);
  const encode = encoderOf(where, model, options);
  const names = Object.entries(model.config.id2label).map(([, name]) => name);
  const idOf = (tag: Label): number => {
    const id = typeof tag === "number" ? tag : names.indexOf(tag);
    if (Number.isInteger(id) && id >= 0 && id < names.length) return id;
    throw new ArgumentError(where, `tags are ${names.slice(0, 20).join(", ")}, or their numbers`, `${shown(tag)} came`);
  };
  const encoded = ({ words, tags }: TaggedText): { readonly ids: TextIds; readonly labels: number[] } => {
    if (words.length !== tags.length)
      throw new ArgumentError(where, "every word has a tag", `${words.length} words and ${tags.length} tags came`);
    const ids = encode({ text: words.join(" ") }) as PlacedIds;
    return { ids, labels: firstTokens(ids, words, tags.map(idOf)) };
  };
  return {
    model,
    lengthOf: ({ words }) => words.length,
    collate(examples) {
      const rows = examples.map(encoded);
      const text = tokenizerOf(where, model).pad(rows.map(({ ids }) => ids));
      return {
        text,
        labels: labelsOnTokens(
          text,
          rows.map(({ labels }) => labels),
        ),
      };
    },
    loss({ text, labels }) {
      const logits = model.forward(text); // (B, N, classes)
      return { loss: crossEntropy(logits, labels), logits };
    },
    weightOf: ({ labels }) => countLabels(labels),
    scores: () => tagScores(names),
  };
}

/** The tag of a word at its first token, −100 at all others. */
function firstTokens({ offsets, sequenceIds }: PlacedIds, words: readonly string[], tags: readonly number[]): number[] {
  let end = -1;
  const begins = words.map((word) => {
    const begin = end + 1;
    end = begin + word.length;
    return begin;
  });
  let word = -1;
  return offsets.map(([begin], token) => {
    if (sequenceIds[token] === null) return IGNORED;
    let at = word;
    while ((begins[at + 1] ?? Infinity) <= begin) at++;
    const isFirst = at > word;
    word = at;
    return isFirst ? (tags[at] ?? IGNORED) : IGNORED;
  });
}

function tagScores(names: readonly string[]): Scores<TaggedBatch, TaggedOutcome> {
  const [found, right]: [string[][], string[][]] = [[], []];
  return {
    add({ logits }, { labels }) {
      const [rows = 0, length = 0] = labels.shape;
      const [guesses, wanted] = [argmax(logits).toTypedArray(), labels.toTypedArray()];
      for (let row = 0; row < rows; row++) {
        const asked = Array.from({ length }, (_, i) => row * length + i).filter((place) => wanted[place] !== IGNORED);
        found.push(asked.map((place) => names[guesses[place] ?? 0] ?? ""));
        right.push(asked.map((place) => names[wanted[place] ?? 0] ?? ""));
      }
    },
    result() {
      const [ours, theirs] = [found.flat(), right.flat()];
      const accuracy = ours.filter((tag, i) => tag === theirs[i]).length / Math.max(theirs.length, 1);
      const { kinds, ...scores } = entityScores(found, right);
      return { accuracy, ...scores, kinds: Object.fromEntries(Object.entries(kinds).map(([kind, its]) => [kind, { ...its }])) };
    },
  };
}
