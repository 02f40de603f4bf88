/** Saving is the inverse of loading, for every class and every golden folder that it reads. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { liveBytes } from "@x/layers";
import { expect, test } from "vitest";
import type { Files } from "../src/suite/family.ts";
import { type AnyClass, entriesOf, load, pairs } from "./every-class.ts";

interface Kept {
  readonly config: object;
  readonly notes: readonly string[];
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** What was saved. */
  readonly files: Files;
}

async function loadAndSave(kind: AnyClass, files: Files): Promise<Kept> {
  const folder = await mkdtemp(join(tmpdir(), "round-trip-"));
  try {
    using model = await load(kind, files);
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
const passing = /initialised anew|isn't known here and was passed over/;

test.each((await pairs()).map((pair) => [`${pair.kind.name} of ${pair.folder}`, pair] as const))("%s", async (_, { kind, files }) => {
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
