import { CheckpointError } from "../files/checkpoint-error.ts";
import type { Json, JsonObject } from "../files/read-json.ts";
import { snakeCaseKeys } from "./config-keys.ts";

/** Class names by number. */
export type Labels = Readonly<Record<number, string>>;

/**
 * Class names from a file's object or list; LABEL_0… where it has none.
 * @throws CheckpointError when there are names, but not one for every output
 */
export function labelsFrom(found: Json | undefined, numLabels: number): Labels {
  const isNothing = found === undefined || found === null;
  const values = typeof found === "object" && found !== null ? Object.values(found) : [];
  const strange = values.find((name) => typeof name === "object");
  if (strange !== undefined)
    throw new CheckpointError("config.json: a class has no name", { expected: "a text", found: JSON.stringify(strange)?.slice(0, 100) });
  const names = values.length;
  if (isNothing || numLabels === 0 || (typeof found === "object" && names === 0)) return named(found, numLabels);
  if (typeof found === "object" && names === numLabels) {
    const strangers = Object.keys(found).filter((key) => !(Number(key) >= 0 && Number(key) < numLabels));
    if (strangers.length === 0) return named(found, numLabels);
    const numbers = `numbers from 0 to ${numLabels - 1}`;
    throw new CheckpointError("config.json: classes have names under other numbers than the outputs'", {
      expected: numbers,
      found: strangers.slice(0, 5).join(", "),
    });
  }
  const expected = `names of ${numLabels} classes, as many as the head has outputs`;
  throw new CheckpointError("config.json: the classes' names don't fit the weights", { expected, found: `${names}` });
}

/** LABEL_0… where there is no name. */
function named(found: Json | Labels | undefined, numLabels: number): Labels {
  const names = typeof found === "object" && found !== null ? Object.entries(found) : [];
  const given = new Map(names.map(([number, name]) => [Number(number), String(name)]));
  return Object.fromEntries(Array.from({ length: numLabels }, (_, number) => [number, given.get(number) ?? `LABEL_${number}`]));
}

/** How many classes a `config.json` tells of, if it does. */
export function numLabelsOf({ id2label, num_labels: count }: JsonObject): number | undefined {
  if (typeof id2label === "object" && id2label !== null) return Object.keys(id2label).length;
  return typeof count === "number" && Number.isInteger(count) && count > 0 ? count : undefined;
}

/** `["cat", "dog"]` → `{ 0: "cat", 1: "dog" }` */
export const numbered = (names: readonly string[]): Labels => Object.fromEntries(names.entries());

/**
 * Hugging Face's `config.json`: the config's keys in snake_case, its labels as the two tables that are there.
 * @param architecture Hugging Face's name for the model, `BertForMaskedLM`
 */
export function hubConfigOf({ id2label, ...config }: LabelledConfig, architecture: string, modelType: string): JsonObject {
  const label2id = Object.fromEntries(Object.entries(id2label).map(([number, name]) => [name, Number(number)]));
  return snakeCaseKeys({ ...config, id2label, label2id, architectures: [architecture], modelType });
}

interface LabelledConfig {
  readonly id2label: Labels;
}

/** How many classes there are and what they are called: where only one of the two is told, the other follows. */
export function classesOf(
  { numLabels, id2label }: { readonly numLabels?: number | undefined; readonly id2label?: Labels | undefined },
  usual: number,
): { readonly numLabels: number; readonly id2label: Labels } {
  const count = numLabels ?? (id2label ? Object.keys(id2label).length : usual);
  return { numLabels: count, id2label: named(id2label, count) };
}
