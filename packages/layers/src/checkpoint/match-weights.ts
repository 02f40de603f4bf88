/** Holds a model's parameters against a checkpoint's entries, by one layout's table. Nothing is read here. */

import { CheckpointError } from "../files/checkpoint-error.ts";
import { elementCount, shapeText } from "../formats/dtype.ts";
import { fillPattern, matchesAny, NamePattern } from "./name-pattern.ts";
import type { CheckpointEntry } from "../formats/stored-tensor.ts";
import type { Destination } from "./transfer.ts";
import { type Part, partsOf, type Rule, type WeightLayout } from "./weight-table.ts";

export interface Mismatch {
  readonly parameter: string;
  readonly key: string;
  readonly expected: string;
  readonly found: string;
}

export interface Match {
  readonly layout: WeightLayout;
  readonly targets: readonly (readonly [key: string, destination: Destination])[];
  readonly loaded: readonly string[];
  /** Parameters that were to be left alone. */
  readonly ignored: readonly string[];
  /** Parameters without their entries, and which key was looked for. */
  readonly missing: readonly { readonly parameter: string; readonly key: string }[];
  readonly mismatched: readonly Mismatch[];
  readonly unexpected: readonly string[];
}

/** Entries that are never weights, whatever the model: index tables, counters, sizes. */
const neverWeights = [
  "*position_ids",
  "*token_type_ids",
  "*relative_position_index",
  "*attn_mask",
  "*num_batches_tracked",
  "input_resolution",
  "context_length",
  "vocab_size",
];

/** BERT's first files call a normalisation's weight and bias so. */
const alwaysAliases = { "*LayerNorm.gamma": "*LayerNorm.weight", "*LayerNorm.beta": "*LayerNorm.bias" };

const compile = (patterns: readonly string[]): readonly NamePattern[] => patterns.map((text) => new NamePattern(text));

/** The parts that a parameter is made of, their keys filled in. */
export function partsFor(table: CompiledTable, path: string): readonly Part[] | undefined {
  for (const { pattern, rule } of table) {
    const captures = pattern.match(path);
    if (!captures) continue;
    const fill = (key: string): string => fillPattern(key, captures);
    return partsOf(rule).map((part) => fillPart(part, fill));
  }
  return undefined;
}

function fillPart(part: Part, fill: (key: string) => string): Part {
  return { ...part, key: fill(part.key), ...(part.otherKeys && { otherKeys: part.otherKeys.map(fill) }) };
}

export type CompiledTable = readonly { readonly pattern: NamePattern; readonly rule: Rule }[];

export function compileTable(layout: WeightLayout): CompiledTable {
  return Object.entries(layout.table).map(([path, rule]) => ({ pattern: new NamePattern(path), rule }));
}

/**
 * @param ignore patterns of parameters to leave alone and of keys to pass over
 * @throws CheckpointError when the table has no line for a parameter
 */
export function matchWeights(
  parameters: ReadonlyMap<string, Destination>,
  entries: ReadonlyMap<string, CheckpointEntry>,
  layout: WeightLayout,
  ignore: readonly string[],
): Match {
  const table = compileTable(layout);
  const ignored = compile(ignore);
  const optional = compile(layout.optional ?? []);
  const names = new KeyFinder(entries, layout);
  const targets: (readonly [string, Destination])[] = [];
  const loaded: string[] = [];
  const leftAlone: string[] = [];
  const missing: { parameter: string; key: string }[] = [];
  const mismatched: Mismatch[] = [];

  for (const [path, parameter] of parameters) {
    const parts = partsFor(table, path);
    const found = parts?.map((part) => ({ part, name: names.find(part) }));
    if (matchesAny(ignored, path)) {
      leftAlone.push(path);
      continue;
    }
    if (!found) throw new CheckpointError(`the table "${layout.name}" has no line for the parameter ${path}`);
    const absent = found.find(({ name }) => name === undefined);
    if (absent && matchesAny(optional, path) && found.every(({ name }) => name === undefined)) continue;
    if (absent) {
      missing.push({ parameter: path, key: absent.part.key });
      continue;
    }
    const fitted = fitParts(
      path,
      parameter,
      found.map(({ part, name = "" }) => ({ part, name, shape: entries.get(name)?.shape ?? [] })),
    );
    if ("expected" in fitted) {
      mismatched.push(fitted);
      continue;
    }
    targets.push(...fitted);
    loaded.push(path);
  }
  const passedOver = compile([...neverWeights, ...(layout.ignore ?? []), ...ignore]);
  const unexpected = names.unused().filter(([canonical, name]) => !matchesAny(passedOver, canonical) && !matchesAny(passedOver, name));
  return { layout, targets, loaded, ignored: leftAlone, missing, mismatched, unexpected: unexpected.map(([, name]) => name) };
}

/** From keys as the table writes them to names as the file has them: aliases, and the base model's prefix left out. */
class KeyFinder {
  readonly #names = new Map<string, string>();
  readonly #used = new Set<string>();
  readonly #prefix: string;
  readonly #leftOut: string;

  constructor(entries: ReadonlyMap<string, CheckpointEntry>, { basePrefix = "", aliases = {} }: WeightLayout) {
    const renames = Object.entries({ ...aliases, ...alwaysAliases }).map(([from, to]) => ({ from: new NamePattern(from), to }));
    for (const name of entries.keys()) {
      const rename = renames.find(({ from }) => from.match(name) !== undefined);
      const captures = rename?.from.match(name);
      const canonical = rename && captures ? fillPattern(rename.to, captures) : name;
      // A file that has both keeps the real one.
      this.#names.set(entries.has(canonical) ? name : canonical, name);
    }
    this.#prefix = basePrefix;
    this.#leftOut = [...this.#names.keys()].some((name) => name.startsWith(basePrefix)) ? "" : basePrefix;
  }

  /** The part's name in the file, with the prefix or, in files that leave it out here and there, without. All its names count as used. */
  find({ key, otherKeys = [] }: Part): string | undefined {
    const candidates = [key, ...otherKeys].flatMap((candidate) => [candidate, this.#bare(candidate)]);
    const names = candidates.map((candidate) => this.#names.get(candidate)).filter((name) => name !== undefined);
    for (const name of names) this.#used.add(name);
    return names[0];
  }

  /** Keys, with the prefix, and names that nobody asked for. */
  unused(): readonly (readonly [key: string, name: string])[] {
    return [...this.#names].filter(([, name]) => !this.#used.has(name)).map(([key, name]) => [this.#leftOut + key, name]);
  }

  #bare(key: string): string {
    return key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : key;
  }
}

interface FoundPart {
  readonly part: Part;
  readonly name: string;
  /** The entry's. */
  readonly shape: readonly number[];
}

/** Where each part goes inside the parameter, or what doesn't fit. */
function fitParts(path: string, parameter: Destination, found: readonly FoundPart[]): (readonly [string, Destination])[] | Mismatch {
  const targets: (readonly [string, Destination])[] = [];
  const [, ...columns] = parameter.shape;
  const mismatch = (expected: string): Mismatch => ({
    parameter: path,
    key: found.map(({ name }) => name).join(" + "),
    expected,
    found: found.map(({ shape }) => shapeText(shape)).join(" + "),
  });
  let filled = 0;
  let awaited = found.length;
  const onFilled = parameter.onFilled && ((): void => void (--awaited === 0 && parameter.onFilled?.()));
  for (const { part, name, shape } of found) {
    const [first = 1, ...rest] = shape;
    const [begin, end, of] = part.rows ?? [0, 1, 1];
    const rows = part.rows ? ([(first / of) * begin, (first / of) * end] as const) : undefined;
    const read = rows ? [rows[1] - rows[0], ...rest] : shape;
    const turned = part.transpose === true ? read.toReversed() : read;
    const count = elementCount(turned);
    const whole = found.length === 1;
    const fits = part.shape
      ? part.shape.join() === shape.join()
      : whole
        ? turned.join() === parameter.shape.join() || (count === 1 && elementCount(parameter.shape) === 1)
        : turned.slice(1).join() === columns.join();
    if (!fits || first % of !== 0 || (part.transpose === true && shape.length !== 2)) {
      const oriented = part.transpose === true ? parameter.shape.toReversed() : parameter.shape;
      return mismatch(part.shape ? shapeText(part.shape) : whole ? shapeText(oriented) : `parts of ${shapeText(parameter.shape)}`);
    }
    const from = filled;
    const view = (): ReturnType<Destination["view"]> => parameter.view().subarray(from, from + count);
    targets.push([name, { shape: turned, view, rows, transpose: part.transpose, onFilled }]);
    filled += count;
  }
  return filled === elementCount(parameter.shape) ? targets : mismatch(`together ${shapeText(parameter.shape)}`);
}
