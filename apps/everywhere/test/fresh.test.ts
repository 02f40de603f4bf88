/** What no file fills is made anew as the model's recipe says, the same each time, and told; or the file is refused by name. */
import { CheckpointError, liveBytes, type PretrainedOptions, Rng, tensor } from "@x/layers";
import { describe, expect, test } from "vitest";
import { type AnyClass, classes, entriesOf, load, type Pair, pairs, withEntries } from "./every-class.ts";
import type { Files } from "../src/suite/family.ts";

const every = await pairs();
/** Of each class the first few that `fits`. */
const some = (count: number, fits: (pair: Pair) => boolean): Pair[] =>
  classes.flatMap((kind) => every.filter((pair) => pair.kind === kind && fits(pair)).slice(0, count));
const complete = some(3, ({ complete: all, files }) => all && files.has("model.safetensors"));
const named = (chosen: readonly Pair[]): (readonly [string, Pair])[] =>
  chosen.map((pair) => [`${pair.kind.name} of ${pair.folder}`, pair] as const);

/** Memory that is given back, full of this number. */
function stain(value: number): void {
  const sizes = [16, 64, 256, 1024, 4096, 16384, 65536];
  const stains = sizes.flatMap((size) => Array.from({ length: 8 }, () => tensor(new Float32Array(size).fill(value), [size])));
  for (const one of stains) one.dispose();
}

interface Outcome {
  readonly error: unknown;
  readonly config: object;
  readonly notes: readonly string[];
  readonly values: ReadonlyMap<string, Float32Array>;
}

async function outcome(kind: AnyClass, files: Files, options: PretrainedOptions, memory: number): Promise<Outcome> {
  stain(memory);
  try {
    using model = await load(kind, files, { ...options, rng: new Rng(5) });
    return {
      error: undefined,
      config: model.config,
      notes: model.notes,
      values: new Map([...model.stateDict()].map(([path, weight]) => [path, weight.toTypedArray()])),
    };
  } catch (error) {
    return { error, config: {}, notes: [], values: new Map() };
  }
}

const deviation = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

/** That they are drawn as the recipe draws: constants exactly, the rest as widely. */
function expectDrawn(values: Float32Array, recipe: Float32Array | number, path: string): void {
  const wide = typeof recipe === "number" ? recipe : deviation(recipe);
  const isConstant = typeof recipe === "number" ? recipe === 0 : recipe.every((value) => value === recipe[0]);
  if (isConstant) expect([path, new Set(values)]).toEqual([path, new Set([typeof recipe === "number" ? recipe : recipe[0]])]);
  else {
    expect(Math.max(...values.map(Math.abs)), path).toBeLessThan(8 * wide);
    if (values.length >= 256) expect(deviation(values) / wide, path).toBeCloseTo(1, 0.4);
  }
}

/** The values that its recipe gives each parameter; a head's deviation, or 0 for its biases. */
function recipeOf(kind: AnyClass, config: object): ReadonlyMap<string, Float32Array | number> {
  using model = new kind(config, new Rng(9)).initialize(new Rng(9));
  const range = "initializerRange" in config ? Number(config.initializerRange) : 0.02;
  const heads = (kind.family.head?.parameters ?? []).map((pattern) => pattern.replace(/\.?\*$/, ""));
  const recipe = [...model.stateDict()].map(([path, weight]) => {
    const isHead = heads.some((head) => path.startsWith(head));
    return [path, isHead ? (path.endsWith("bias") ? 0 : range) : weight.toTypedArray()] as const;
  });
  return new Map(recipe);
}

/** @returns why it wasn't loaded, or else what was made anew */
async function expectFreshOrRefused(
  { kind, files }: Pick<Pair, "kind" | "files">,
  whole: Outcome["values"],
  options: PretrainedOptions = {},
): Promise<{ readonly error: unknown; readonly fresh: readonly string[] }> {
  const before = liveBytes();
  const [first, second] = [await outcome(kind, files, options, 7), await outcome(kind, files, options, 8)];
  expect(liveBytes(), "bytes left behind").toBe(before);
  expect(String(second.error)).toBe(String(first.error));
  if (first.error !== undefined) {
    expect(first.error).toBeInstanceOf(CheckpointError);
    return { error: first.error, fresh: [] };
  }
  expect(second.values).toEqual(first.values);
  const told = first.notes.filter((note) => note.includes("initialised anew")).join();
  const optional = new Set(kind.family.layouts(first.config).flatMap((layout) => layout.optional ?? []));
  const entries = [...(await entriesOf(files)).values()].map((entry) => entry.values);
  const fresh = [...first.values].filter(([path, values]) => {
    const read = [whole.get(path), ...entries].filter((one) => one?.length === values.length); // some parameters have entries of two names
    return !read.some((one) => one?.every((value, i) => value === values[i]));
  });
  if (fresh.length === 0) return { error: undefined, fresh: [] };
  const recipe = recipeOf(kind, first.config);
  for (const [i, [path, values]] of fresh.entries()) {
    expectDrawn(values, recipe.get(path) ?? 0, path);
    if (i < 20 && !optional.has(path)) expect(told).toContain(kind.family.weights ? path.slice(path.indexOf(".") + 1) : path);
  }
  return { error: undefined, fresh: fresh.map(([path]) => path) };
}

test("every class reads a golden folder", () => {
  const without = classes.filter((kind) => !every.some((pair) => pair.kind === kind));
  expect(without.map(({ name }) => name)).toEqual([]);
});

describe.each(named(complete))("%s", (_, { kind, files }) => {
  const whole = async (): Promise<Outcome["values"]> => (await outcome(kind, files, {}, 0)).values;

  test("an entry that is missing is named, or what it would fill is made anew", async () => {
    const [entries, values] = [await entriesOf(files), await whole()];
    for (const key of entries.keys()) {
      const left = new Map([...entries].filter(([other]) => other !== key));
      const { error } = await expectFreshOrRefused({ kind, files: await withEntries(files, left) }, values);
      // Where sizes are read off entries, the rest of a layer may be too much instead.
      if (error !== undefined) expect(String(error)).toMatch(/ missing: | unexpected: | of another shape: |expected /);
    }
  });

  test("with `strict: false`, all that is missing is made anew", async () => {
    const entries = [...(await entriesOf(files))];
    for (const share of [0.3, 0.8]) {
      const left = [...entries.keys()].filter((i) => i < 1 || (i * 0.618) % 1 > share).flatMap((i) => entries.slice(i, i + 1)); // spread evenly
      await expectFreshOrRefused({ kind, files: await withEntries(files, new Map(left)) }, await whole(), { strict: false });
    }
  });

  test("what is ignored is made anew", async () => {
    const { fresh } = await expectFreshOrRefused({ kind, files }, await whole(), { ignore: ["*norm*", "*bias"] });
    expect(fresh).not.toEqual([]);
  });
});

const lacking = some(3, (pair) => !pair.complete);

test.each(named(lacking))("what %s lacks is made anew", async (_, { kind, files }) => {
  const { notes, values } = await outcome(kind, files, {}, 0);
  const told = new Set(notes.flatMap((note) => note.match(/[\w.]+/g) ?? []));
  const found = new Map([...values].filter(([path]) => !told.has(path)));
  expect(found.size).toBeLessThan(values.size);
  const { fresh } = await expectFreshOrRefused({ kind, files }, found);
  expect(fresh.length).toBe(values.size - found.size);
});
