import { checkPairs } from "./pairs.ts";
import { type ClassScores, scoresOf } from "./classification.ts";

export interface EntityScores extends Pick<ClassScores, "precision" | "recall" | "f1"> {
  /** By kind: PER, LOC… */
  readonly kinds: Readonly<Record<string, ClassScores>>;
}

interface Span {
  readonly kind: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Of tags beside those that are right, a list a text: an entity counts when its kind, beginning and end are right. As seqeval (and conlleval before it) counts: tags are `B-PER`, `I-PER`, `O`, also
 * with E and S; where `I` begins an entity, it begins one.
 * @throws ArgumentError where a text hasn't as many tags on both sides
 */
export function entityScores(tags: readonly (readonly string[])[], right: readonly (readonly string[])[]): EntityScores {
  checkPairs("entityScores", tags, right);
  for (const [i, text] of tags.entries()) checkPairs(`entityScores, text ${i}`, text, right[i] ?? []);
  const keysOf = (texts: readonly (readonly string[])[]): Map<string, Set<string>> => {
    const kinds = new Map<string, Set<string>>();
    const row = texts.flatMap((text) => [...text, "O"]); // which ends an entity
    for (const { kind, begin, end } of spansOf(row)) kinds.set(kind, (kinds.get(kind) ?? new Set()).add(`${begin} ${end}`));
    return kinds;
  };
  const [found, wanted] = [keysOf(tags), keysOf(right)];
  const kinds = [...new Set([...found.keys(), ...wanted.keys()])].sort().map((kind) => {
    const [ours, theirs] = [found.get(kind) ?? new Set(), wanted.get(kind) ?? new Set()];
    return [kind, [...ours].filter((span) => theirs.has(span)).length, ours.size, theirs.size] as const;
  });
  const total = (place: 1 | 2 | 3): number => kinds.reduce((sum, counts) => sum + counts[place], 0);
  const { precision, recall, f1 } = scoresOf(total(1), total(2), total(3));
  return {
    precision,
    recall,
    f1,
    kinds: Object.fromEntries(kinds.map(([kind, both, ours, theirs]) => [kind, scoresOf(both, ours, theirs)])),
  };
}

/** The entities in a row of tags. */
export function spansOf(tags: readonly string[]): Span[] {
  const spans: Span[] = [];
  let [open, begin] = [{ part: "O", kind: "" }, 0];
  for (const [place, tag] of [...tags, "O"].entries()) {
    const next = parsed(tag);
    if (ends(open, next)) spans.push({ kind: open.kind, begin, end: place - 1 });
    if (begins(open, next)) begin = place;
    open = next;
  }
  return spans;
}

interface Tag {
  readonly part: string;
  readonly kind: string;
}

/** `B-PER` → B, PER; without a kind all are of one. The first letter counts as the part in any tag: `BPER` is the same, and `LOC` an `OC`. */
function parsed(tag: string): Tag {
  const rest = tag.slice(1);
  return { part: tag.slice(0, 1), kind: rest.slice(rest.indexOf("-") + 1) || "_" };
}

const isIn = (letters: string, part: string): boolean => part !== "" && letters.includes(part);

function ends(last: Tag, next: Tag): boolean {
  if (isIn("ES", last.part)) return true;
  if (isIn("BI", last.part) && isIn("BSO", next.part)) return true;
  return last.part !== "O" && last.part !== "." && last.kind !== next.kind;
}

function begins(last: Tag, next: Tag): boolean {
  if (isIn("BS", next.part)) return true;
  if (isIn("ESO", last.part) && isIn("EI", next.part)) return true;
  return next.part !== "O" && next.part !== "." && last.kind !== next.kind;
}
