/** M2M-100 beside what every model promises: what it writes in many settings is what Hugging Face's library writes, and languages. */
import { readFile } from "node:fs/promises";
import { init, noGrad, Rng, scope } from "@x/layers";
import { checkForLeaks, countParameters, expectClose } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { generate, type GenerateOptions, generateSteps, M2M100, translate, translateStream } from "../src/index.ts";
import { goldenFolder, readGolden } from "./golden.ts";
import { goldenBytes, goldenJson, tokenizerOf } from "./tokenizer-golden.ts";

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

test("a text is read in its language, and written in the one that is asked for", async () => {
  const { files } = goldenJson<{ files: Record<string, object | string> }[]>("languages.json")[0] ?? { files: {} };
  const tokenizer = await tokenizerOf({ ...files, "sentencepiece.bpe.model": goldenBytes("spm-unigram-spaces.model") });
  const sizes = {
    dModel: 12,
    encoderLayers: 1,
    decoderLayers: 1,
    encoderAttentionHeads: 2,
    decoderAttentionHeads: 2,
    encoderFfnDim: 16,
    decoderFfnDim: 16,
  };
  using model = await M2M100.fromConfig({ ...sizes, vocabSize: tokenizer.vocabSize, maxPositionEmbeddings: 12 });
  model.tokenizer = tokenizer;
  model.targetTokenizer = tokenizer;
  const text = "the test";
  const written = async (from: string, to: string): Promise<string> => {
    using batch = tokenizer.pad([tokenizer.inLanguage(from).encode(text)]);
    const [[best] = []] = await generate(model, batch, { forcedBosTokenId: tokenizer.languageId(to) });
    expect(best?.tokens[0]).toBe(tokenizer.languageId(to));
    return tokenizer.decode(best?.tokens ?? [], { skipSpecialTokens: true });
  };
  expect(await translate(model, text, { from: "fr", to: "zh" })).toBe(await written("fr", "zh"));
  expect(await translate(model, [text], { to: "de" })).toEqual([await written("en", "de")]);
  let streamed = "";
  for await (const piece of translateStream(model, text, { from: "fr", to: "zh" })) streamed += piece;
  expect(streamed).toBe(await written("fr", "zh"));
  await expect(translate(model, text, { to: "tlh" })).rejects.toThrow('it has no language "tlh"; it has af, am');
});

// Hugging Face's M2M100ForConditionalGeneration of facebook/m2m100_418M's and facebook/nllb-200-distilled-600M's configs.
test.each([
  ["m2m100_418M", {}, 483_905_536],
  ["nllb-200-distilled-600M", { vocabSize: 256_206 }, 615_073_792],
])("%s has as many parameters as Hugging Face's", async (_, config, count) => {
  expect(await countParameters(() => new M2M100(config, new Rng(0)))).toBe(count);
});
