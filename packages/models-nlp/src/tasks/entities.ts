/** Tokens with label scores → entities. Labels may be in the BIO scheme, `B-PER` `I-PER` `O` (Ramshaw & Marcus 1995). */
import type { Labels } from "@x/layers";
import { topIndices } from "./scores.ts";

/**
 * - "none": an entity a token, its label as it is
 * - "simple": neighbouring tokens of one label are one entity, a B- beginning another
 * - "first", "average", "max": the same with whole words, which have the label of their first token, of the tokens' mean scores, or of the surest token
 */
export type Aggregation = (typeof aggregations)[number];

export const aggregations = ["none", "simple", "first", "average", "max"] as const;

export interface Entity {
  /** Without B- and I-, unless the aggregation is "none". */
  readonly label: string;
  /** The mean over what it was put together from. */
  readonly probability: number;
  /** What the text says there. */
  readonly text: string;
  /** In UTF-16 units of the text. */
  readonly begin: number;
  readonly end: number;
}

export interface TaggedToken {
  readonly begin: number;
  readonly end: number;
  /** Number of its word. */
  readonly word: number | null;
  /** Probability of each label. */
  readonly scores: Float64Array;
}

/** A token or a word with the label that it got. */
interface Labelled {
  readonly label: string;
  readonly probability: number;
  readonly begin: number;
  readonly end: number;
}

export function entitiesOf(text: string, tokens: readonly TaggedToken[], aggregation: Aggregation, id2label: Labels): Entity[] {
  const named = (scores: Float64Array, { begin, end }: { begin: number; end: number }): Labelled => {
    const [id = 0] = topIndices(scores, 1);
    return { label: id2label[id] ?? `LABEL_${id}`, probability: scores[id] ?? 0, begin, end };
  };
  const told = ({ label, probability, begin, end }: Labelled): Entity => ({ label, probability, text: text.slice(begin, end), begin, end });
  if (aggregation === "none") return tokens.map((token) => told(named(token.scores, token)));
  const parts =
    aggregation === "simple"
      ? tokens.map((token) => named(token.scores, token))
      : wordsOf(tokens).map((word) => named(wordScores(word, aggregation), spanOf(word)));
  return groupsOf(parts).map((group) => {
    const probability = group.reduce((sum, part) => sum + part.probability, 0) / group.length;
    return told({ label: tagOf(group[0]?.label ?? "").tag, probability, ...spanOf(group) });
  });
}

const spanOf = (parts: readonly { begin: number; end: number }[]): { begin: number; end: number } => ({
  begin: parts[0]?.begin ?? 0,
  end: parts.at(-1)?.end ?? 0,
});

function wordsOf(tokens: readonly TaggedToken[]): TaggedToken[][] {
  const words: TaggedToken[][] = [];
  for (const token of tokens) {
    const last = words.at(-1);
    if (last && token.word !== null && last[0]?.word === token.word) last.push(token);
    else words.push([token]);
  }
  return words;
}

function wordScores(word: readonly TaggedToken[], aggregation: "first" | "average" | "max"): Float64Array {
  const all = word.map(({ scores }) => scores);
  const [first = new Float64Array()] = all;
  if (aggregation === "first") return first;
  if (aggregation === "average") return first.map((_, id) => all.reduce((sum, scores) => sum + (scores[id] ?? 0), 0) / all.length);
  const surest = (scores: Float64Array): number => scores.reduce((a, b) => Math.max(a, b), 0);
  return all.reduce((best, scores) => (surest(scores) > surest(best) ? scores : best), first);
}

/** `B-PER` → begins a PER; a label without B- or I- goes on. */
function tagOf(label: string): { readonly begins: boolean; readonly tag: string } {
  return { begins: label.startsWith("B-"), tag: label.replace(/^[BI]-/, "") };
}

function groupsOf(parts: readonly Labelled[]): Labelled[][] {
  const groups: Labelled[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    const { begins, tag } = tagOf(part.label);
    if (last && !begins && tagOf(last.at(-1)?.label ?? "").tag === tag) last.push(part);
    else groups.push([part]);
  }
  return groups;
}

/** Of entities that overlap, from neighbouring windows, the longer; of equally long ones the surer. */
export function withoutOverlaps(entities: readonly Entity[]): Entity[] {
  const kept: Entity[] = [];
  for (const entity of [...entities].sort((a, b) => a.begin - b.begin)) {
    const last = kept.at(-1);
    if (!last || entity.begin >= last.end) kept.push(entity);
    else if (isBetter(entity, last)) kept[kept.length - 1] = entity;
  }
  return kept;
}

function isBetter(entity: Entity, other: Entity): boolean {
  const longer = entity.end - entity.begin - (other.end - other.begin);
  return longer > 0 || (longer === 0 && entity.probability > other.probability);
}
