/** M2M-100 beside what every model promises: what it writes in many settings is what Hugging Face's library writes, and languages. */
import { readFile } from "node:fs/promises";
import { init, noGrad, Rng, scope } from "@x/layers";
import { checkForLeaks, countParameters, expectClose } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { generate, type GenerateOptions, generateSteps, M2M100 } from "../src/index.ts";
import { goldenFolder, readGolden } from "./golden.ts";

beforeAll(() => init());
checkForLeaks();

interface Case {
  readonly options: GenerateOptions;
  /** The start token first, filled up with padding. */
  readonly sequences: readonly (readonly number[])[];
  readonly scores: readonly number[] | null;
}

const cases: Case[] = JSON.parse(await readFile(`${goldenFolder("m2m_100")}/generation.json`, "utf8"));
const golden = await readGolden("m2m_100");

test.each(cases.map((one) => [JSON.stringify(one.options), one] as const))("writes as Hugging Face's library: %s", async (_, one) => {
  using model = await M2M100.fromPretrained(goldenFolder("m2m_100"));
  using inputIds = golden.ids("input_ids");
  using attentionMask = golden.ids("attention_mask");
  const found = (await generate(model, { inputIds, attentionMask }, one.options)).map(([best]) => best);
  const written = one.sequences.map((sequence) => sequence.slice(1));
  for (const [i, best] of found.entries()) {
    const padding = (written[i] ?? []).slice(best?.tokens.length);
    expect(written[i]).toEqual([...(best?.tokens ?? []), ...padding]);
    expect(new Set(padding).size === 0 || new Set(padding).has(1)).toBe(true);
  }
  if (one.scores) expectClose(found.map((best) => best?.score ?? 0), one.scores); // prettier-ignore
});

test("a last word on the scores", async () => {
  using model = await M2M100.fromPretrained(goldenFolder("m2m_100"));
  using inputIds = golden.ids("input_ids");
  const seen: number[] = [];
  const adjust = (scores: Float32Array, tokens: readonly number[]): void => {
    seen.push(tokens.length);
    scores.fill(-Infinity);
    scores[tokens.length === 1 ? 5 : 2] = 0;
  };
  for await (const step of generateSteps(model, { inputIds }, { adjust }))
    expect(step.every(({ token }) => token === 5 || token === 2)).toBe(true);
  expect(seen).toEqual([1, 1, 2, 2]);
});

test("padding has no place, wherever it stands, and places are fairseq's", async () => {
  using model = await M2M100.fromPretrained(goldenFolder("m2m_100"));
  const width = model.config.dModel;
  scope(() =>
    noGrad(() => {
      const ids = golden.ids("input_ids");
      const places = model.positions.of(ids, 0, 1).toTypedArray();
      expect([...places.subarray(12 * width)]).toEqual(new Array(2 * width).fill(0)); // the second text's padding
      const [sine, cosine] = [places[0] ?? 0, places[width / 2] ?? 0];
      expect([sine, cosine].map((value) => value.toFixed(6))).toEqual([Math.sin(2).toFixed(6), Math.cos(2).toFixed(6)]);
    }),
  );
});

// Hugging Face's M2M100ForConditionalGeneration of facebook/m2m100_418M's and facebook/nllb-200-distilled-600M's configs.
test.each([
  ["m2m100_418M", {}, 483_905_536],
  ["nllb-200-distilled-600M", { vocabSize: 256_206 }, 615_073_792],
])("%s has as many parameters as Hugging Face's", async (_, config, count) => {
  expect(await countParameters(() => new M2M100(config, new Rng(0)))).toBe(count);
});
