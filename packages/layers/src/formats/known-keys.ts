/** What is done with the keys of a file that nobody vouches for: each is followed, passed over for a reason, or refused. docs/files.md shows the tables. */
import { isJsonObject, type Json, type JsonObject } from "../files/read-json.ts";

export interface KeyTable {
  /** What messages and the docs call the file. */
  readonly file: string;
  /** Keys that are done as they say. `*_token` is any that ends so. */
  readonly followed: readonly string[];
  /** Keys that change nothing here, by the reason. */
  readonly passedOver?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Keys that would change the result and can't be followed. */
  readonly refused?: Readonly<Record<string, Refusal>> | undefined;
  /** Keys that hold an object, which has a table of its own. */
  readonly nested?: Readonly<Record<string, KeyTable>> | undefined;
  /** What followed keys hold, where nothing else sees to it. null says nothing. */
  readonly kinds?: Readonly<Record<string, Kind>> | undefined;
}

export type Kind = "a number" | "a text" | "true or false" | "a number, or several";

export interface Refusal {
  readonly because: string;
  /** Values that change nothing. null never does, nor do an empty list and an empty object. */
  readonly unless?: readonly Json[] | undefined;
}

/** A key of a file, and what is done with it. */
export interface SortedKey {
  /** Inner keys after a dot: `vision_config.hidden_size`. */
  readonly path: string;
  readonly key: string;
  readonly value: Json;
  readonly does: "followed" | "passed over" | "refused" | "unknown";
  /** Why it is passed over or refused; empty where it is followed or unknown. */
  readonly because: string;
  /** What messages and the docs call the file. */
  readonly file: string;
}

/** What is done with each key that a file has. */
export function* sortKeys(json: JsonObject, table: KeyTable, within = ""): Generator<SortedKey, void, void> {
  const { file, followed, passedOver = {}, refused = {}, nested = {}, kinds = {} } = table;
  const known = new Set(followed);
  const endings = followed.flatMap((key) => (key.startsWith("*") ? [key.slice(1)] : []));
  const reasons = new Map(Object.entries(passedOver).flatMap(([why, keys]) => keys.map((key) => [key, why] as const)));
  for (const [key, value] of Object.entries(json)) {
    const path = within + key;
    const inner = Object.hasOwn(nested, key) ? nested[key] : undefined;
    if (inner && isJsonObject(value)) {
      yield* sortKeys(value, inner, `${path}.`);
      continue;
    }
    const refusal = Object.hasOwn(refused, key) ? refused[key] : undefined;
    const told = { path, key, value, file };
    const kind = inner ? "an object" : Object.hasOwn(kinds, key) ? kinds[key] : undefined;
    if (kind !== undefined && !isNothing(value) && (kind === "an object" || !fits[kind](value)))
      yield { ...told, does: "refused", because: `it must be ${kind}` };
    else if (refusal && !isNothing(value) && refusal.unless?.includes(value) !== true)
      yield { ...told, does: "refused", because: refusal.because };
    else if (refusal) yield { ...told, does: "passed over", because: "so it changes nothing" };
    else if (reasons.has(key)) yield { ...told, does: "passed over", because: reasons.get(key) ?? "" };
    else if (inner || known.has(key) || endings.some((ending) => key.endsWith(ending))) yield { ...told, does: "followed", because: "" };
    else yield { ...told, does: "unknown", because: "" };
  }
}

const fits: Readonly<Record<Kind, (value: Json) => boolean>> = {
  "a number": (value) => typeof value === "number",
  "a text": (value) => typeof value === "string",
  "true or false": (value) => typeof value === "boolean",
  "a number, or several": (value) => [value].flat().every((one) => typeof one === "number"),
};

/**
 * @param refuse makes the error of a message
 * @returns a note for each key that isn't in the table, of at most 20
 * @throws what `refuse` makes, for a key that is refused
 */
export function checkKeys(json: JsonObject, table: KeyTable, refuse: (message: string) => Error): string[] {
  const sorted = [...sortKeys(json, table)];
  const refused = sorted.find(({ does }) => does === "refused");
  if (refused) {
    const { file, key, value, because } = refused;
    throw refuse(`${file}: ${key} is ${JSON.stringify(value).slice(0, 100)}, which can't be followed: ${because}`);
  }
  const unknown = sorted.filter(({ does }) => does === "unknown").slice(0, 20);
  return unknown.map(({ file, key }) => `${file}: ${JSON.stringify(key.slice(0, 100))} isn't known here and was passed over`);
}

/** Several tables as one: a key has the place that the first of them gives it. */
export function keyTable(file: string, ...tables: readonly Partial<Omit<KeyTable, "file">>[]): KeyTable {
  const placed = new Set<string>();
  const followed: string[] = [];
  const passedOver = new Map<string, readonly string[]>();
  const refused = new Map<string, Refusal>();
  const nested = new Map<string, KeyTable>();
  const kinds = Object.assign({}, ...tables.map((table) => table.kinds).reverse()) as NonNullable<KeyTable["kinds"]>;
  const place = (keys: readonly string[]): readonly string[] => {
    const left = [...new Set(keys)].filter((key) => !placed.has(key));
    for (const key of left) placed.add(key);
    return left;
  };
  for (const table of tables) {
    for (const [key, inner] of Object.entries(table.nested ?? {})) if (place([key]).length > 0) nested.set(key, inner);
    for (const [key, refusal] of Object.entries(table.refused ?? {})) if (place([key]).length > 0) refused.set(key, refusal);
    for (const [why, keys] of Object.entries(table.passedOver ?? {})) passedOver.set(why, [...(passedOver.get(why) ?? []), ...place(keys)]);
    followed.push(...place(table.followed ?? []));
  }
  return {
    file,
    followed,
    passedOver: Object.fromEntries([...passedOver].filter(([, keys]) => keys.length > 0)),
    refused: Object.fromEntries(refused),
    nested: Object.fromEntries(nested),
    kinds,
  };
}

/** The table as docs/files.md has it. */
export function keyTableText({ file, followed, passedOver = {}, refused = {}, nested = {} }: KeyTable): string {
  const code = (keys: readonly string[]): string => keys.map((key) => `\`${key}\``).join(" ");
  const values = (unless: readonly Json[]): string =>
    unless.length === 0 ? "" : ` unless ${unless.map((value) => JSON.stringify(value)).join(", ")}`;
  const done = [...followed, ...Object.keys(nested)];
  const rows = [
    ...(done.length > 0 ? [`| followed | ${code(done)} | |`] : []),
    ...Object.entries(passedOver).map(([why, keys]) => `| passed over | ${code(keys)} | ${why} |`),
    ...Object.entries(refused).map(([key, { because, unless = [] }]) => `| refused${values(unless)} | \`${key}\` | ${because} |`),
  ];
  return [`### ${file}`, "", "| | keys | why |", "|---|---|---|", ...rows, ""].join("\n");
}

const isNothing = (value: Json): boolean =>
  value === null || (Array.isArray(value) && value.length === 0) || (isJsonObject(value) && Object.keys(value).length === 0);
