/** Saving is the inverse of loading, for every class and every golden folder that it reads. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { liveBytes, Rng, XError } from "@x/layers";
import type { PretrainedModel } from "@x/layers/model";
import { expect, test } from "vitest";
import type { Files } from "../src/suite/family.ts";
import { type AnyClass, classes, entriesOf, load, pairs } from "./every-class.ts";

interface Kept {
  readonly config: object;
  readonly notes: readonly string[];
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** What was saved. */
  readonly files: Files;
}

async function loadAndSave(kind: AnyClass, files: Files): Promise<Kept> {
  using model = await load(kind, files);
  return await saved(model);
}

async function saved(model: PretrainedModel<object>): Promise<Kept> {
  const folder = await mkdtemp(join(tmpdir(), "round-trip-"));
  try {
    await model.savePretrained(folder);
    const written = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const read = written.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), new Uint8Array(await readFile(path))] as const;
    });
    const weights = new Map([...model.stateDict()].map(([path, weight]) => [path, weight.toTypedArray()]));
    return { config: model.config, notes: model.notes, weights, files: new Map(await Promise.all(read)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Notes that saving makes untrue: what was made anew is in the file then, and what was passed over isn't. */
const passing = /initialised anew|no part of the model takes|isn't known here and was passed over|differ in the checkpoint/;

const every = await pairs();

test.each(every.map((pair) => [`${pair.kind.name} of ${pair.folder}`, pair] as const))("%s", async (_, { kind, files }) => {
  const before = liveBytes();
  const first = await loadAndSave(kind, files);
  const second = await loadAndSave(kind, first.files);
  expect(liveBytes(), "bytes left behind").toBe(before);
  expect(second.config).toEqual(first.config);
  expect(second.weights).toEqual(first.weights);
  expect(second.notes).toEqual(first.notes.filter((note) => !passing.test(note)));
  expect([...second.files.keys()].toSorted()).toEqual([...first.files.keys()].toSorted());
  for (const [name, content] of first.files) expect([name, second.files.get(name)]).toEqual([name, content]);
  expect((await entriesOf(first.files)).size).toBeGreaterThan(0);
  // What lay beside the weights lies there again.
  expect([...files.keys()].filter((name) => besideWeights.test(name) && !first.files.has(name))).toEqual([]);
});

/** What comes with a model: of `modules.json` only a sentence encoder makes something. */
const besideWeights =
  /^(config|preprocessor_config|generation_config|tokenizer|tokenizer_config|special_tokens_map)\.json$|^vocab\.|\.(model|spm)$/;

/** Other values that a setting might have; most are refused by most. */
function othersOf(value: unknown): readonly unknown[] {
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 1, 2 * value, value / 2, 0.25, 0, 1];
  if (typeof value === "string") return choices.filter((one) => one !== value);
  if (value === null) return [0.5, ...choices];
  if (Array.isArray(value))
    return [value.map((one) => (typeof one === "number" ? 2 * one : one)), value.slice(1), [...value, ...value.slice(-1)]];
  if (value === undefined) return [1, 3, ...choices];
  return isLabels(value) ? [{ 0: "one" }, { 0: "a", 1: "b", 2: "c" }] : [];
}

const isLabels = (value: object): boolean => Object.keys(value).every((key) => /^\d+$/.test(key));

const choices = [
  "gelu", "relu", "gelu_new", "quick_gelu", "silu", "cubic", "cubicAntialias", "cls", "mean", "clsMean", "latent", "max", "tokens", "pooled", "none", "all", "class", "patches",
  "huggingFace", "timm", "fourier", "linear", "top", "bottom", "middle", "mixed", "regression", "multi_label_classification", "single_label_classification",
]; // prettier-ignore

/** Configs that differ from this one in one setting, also inside of its objects. */
function* configsLike(config: object): Generator<readonly [name: string, config: object]> {
  for (const [key, value] of Object.entries(config)) {
    if (key === "modelType") continue; // which class it is
    for (const other of othersOf(value)) yield [`${key}: ${JSON.stringify(other)}`, { ...config, [key]: other }];
    if (typeof value !== "object" || value === null || Array.isArray(value) || isLabels(value)) continue;
    for (const [name, changed] of configsLike(value)) yield [`${key}.${name}`, { ...config, [key]: changed }];
  }
}

/** Settings that mean nothing beside the others, or no layers at all. */
const senseless =
  /^(distillationHead: false|positions: "(class|patches)"|(num|encoder|decoder)\w*Layers: 0|useSwigluFfn: true|hiddenAct: "gelu_new"|imageSize: (1|17)$|patchSize: 5$|depths: \[2\]$|numHeads: \[1,2,2\]$)/;
/** What only a Transformer with embeddings has. */
const embeddings = /^(vocabSize|decoderVocabSize|shareEncoderDecoderEmbeddings|tieWordEmbeddings): /;

const chosen = classes.flatMap((kind) => {
  const own = every.filter((pair) => pair.kind === kind);
  return own.filter((_, i) => i % Math.ceil(own.length / 2) === 0);
});

test.each(chosen.map((pair) => [`${pair.kind.name} of ${pair.folder}`, pair] as const))(
  "%s with any settings is saved as it is, or refused",
  async (_, { kind, files }) => {
    const before = liveBytes();
    const { config } = await loadAndSave(kind, files);
    const wrong: string[] = [];
    for (const [name, changed] of configsLike(config)) {
      if (senseless.test(name) || (kind.name === "EncoderDecoder" && embeddings.test(name))) continue;
      const kept = await savedAnew(kind, changed);
      if (!kept) continue;
      const again = await load(kind, kept.files).catch(String);
      if (typeof again === "string") wrong.push(`${name}: ${again}`);
      else {
        if (!isDeepStrictEqual(again.config, kept.config)) wrong.push(`${name}: ${differences(kept.config, again.config)}`);
        again.dispose();
      }
    }
    expect(wrong).toEqual([]);
    expect(liveBytes(), "bytes left behind").toBe(before);
  },
);

/** undefined where there is no such model, or it can't be saved. */
async function savedAnew(kind: AnyClass, config: object): Promise<Kept | undefined> {
  try {
    using model = new kind(config, new Rng(1)).initialize(new Rng(1));
    return await saved(model);
  } catch (error) {
    expect(error).toBeInstanceOf(XError);
    return undefined;
  }
}

const differences = (one: object, other: object): string =>
  JSON.stringify(
    Object.entries(one)
      .filter(([key, value]) => !isDeepStrictEqual(value, Reflect.get(other, key)))
      .map(([key, value]) => [key, value, Reflect.get(other, key)]),
  );
