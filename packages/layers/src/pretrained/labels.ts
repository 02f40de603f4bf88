import type { Json } from "../files/read-json.ts";

/** Class names by number. */
export type Labels = Readonly<Record<number, string>>;

/** Class names from a config's object or list; LABEL_0… where it has none. */
export function labelsFrom(found: Json | Labels | undefined, numLabels: number): Labels {
  const names = typeof found === "object" && found !== null ? Object.entries(found) : [];
  const given = new Map(names.map(([number, name]) => [Number(number), String(name)]));
  return Object.fromEntries(Array.from({ length: numLabels }, (_, number) => [number, given.get(number) ?? `LABEL_${number}`]));
}

/** `["cat", "dog"]` → `{ 0: "cat", 1: "dog" }` */
export const numbered = (names: readonly string[]): Labels => Object.fromEntries(names.entries());

/** The two tables that Hugging Face's `config.json` has. */
export const labelTables = (labels: Labels): { readonly id2label: Labels; readonly label2id: Readonly<Record<string, number>> } => ({
  id2label: labels,
  label2id: Object.fromEntries(Object.entries(labels).map(([number, name]) => [name, Number(number)])),
});

/** How many classes there are and what they are called: where only one of the two is told, the other follows. */
export function classesOf(
  { numLabels, id2label }: { readonly numLabels?: number | undefined; readonly id2label?: Labels | undefined },
  usual: number,
): { readonly numLabels: number; readonly id2label: Labels } {
  const count = numLabels ?? (id2label ? Object.keys(id2label).length : usual);
  return { numLabels: count, id2label: labelsFrom(id2label, count) };
}
