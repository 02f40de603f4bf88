/** Every kept input, and some new ones, on everything that reads what strangers send: what can't be read is refused in the library's own words, soon, and nothing stays in memory. */
import { init, liveBytes } from "@x/layers";
import { beforeAll, describe, expect, test } from "vitest";
import { keptOf } from "../src/corpus.ts";
import { drawn } from "../src/draw.ts";
import { modelIn, named, outcomeOf, type Reader, textOf } from "../src/reader.ts";
import { configs, kinds } from "../src/readers/models.ts";
import { readers } from "../src/readers/all.ts";

beforeAll(() => init({ threads: 1 }));

const inputs = Number(process.env["FUZZ_INPUTS"] ?? 100);

async function expectGood(reader: Reader, bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
  const { kind, what, milliseconds, error } = await outcomeOf(reader, bytes);
  if (kind === "foreign") throw new Error(`${reader.name}, ${name}: ${what}`, { cause: error });
  expect(milliseconds, `${reader.name}, ${name}`).toBeLessThan(1500);
}

describe.for(readers())("$name", (reader) => {
  test("the kept inputs", async () => {
    const kept = keptOf(reader.name);
    expect(kept.length).toBeGreaterThan(0);
    for (const { name, bytes } of kept) await expectGood(reader, bytes, name);
  });

  test("new ones", async () => {
    const draw = drawn(7);
    await outcomeOf(reader, reader.next(draw)); // what a reader keeps for itself
    const before = liveBytes();
    for (let i = 0; i < inputs; i++) await expectGood(reader, reader.next(draw), `input ${i} of seed 7`);
    expect(liveBytes()).toBe(before);
  });
});

test("nothing wrong in it: every model's config is read, and its model runs", async () => {
  for (const { folder, run } of kinds) expect(await run(modelIn(folder)), folder).toBeUndefined();
});

test("there are at least 300 kept inputs", () => {
  expect(readers().reduce((sum, { name }) => sum + keptOf(name).length, 0)).toBeGreaterThanOrEqual(300);
});

const layers = {
  "models-vision/golden/vit": "num_hidden_layers",
  "models-vision/golden/mae": "num_hidden_layers",
  "models-vision/golden/swin": "depths",
  "models-nlp/golden/bert": "num_hidden_layers",
  "models-nlp/golden/fnet": "num_hidden_layers",
  "models-nlp/golden/marian": "decoder_layers",
} as const;
test.for(Object.entries(layers))("%s with a thousand million layers is refused before anything is built", async ([folder, key]) => {
  const reader = configs();
  const config = JSON.parse(new TextDecoder().decode(modelIn(folder).get("config.json")));
  const begun = performance.now();
  const value = key === "depths" ? [2, 1e9] : 1e9;
  await expect(reader.read(named(folder, textOf({ ...config, [key]: value })))).rejects.toThrow(/is more than the checkpoint has entries/);
  expect(performance.now() - begun).toBeLessThan(1000);
});
