/** Rerankers, and sentence encoders on BERT's kin, against sentence-transformers: golden/rerank and golden/sentence_*, by tools/reference/sentence_kin.py. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { init, LoRA } from "@x/layers";
import { checkForLeaks, expectClose, inFolder } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  BertForSequenceClassification,
  embeddingRanges,
  embedText,
  quantizeEmbeddings,
  rank,
  RobertaForMaskedLM,
  RobertaForSequenceClassification,
  scorePairs,
  SentenceEncoder,
} from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());
checkForLeaks();

const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));
const folder = goldenFolder("rerank");

interface Golden {
  readonly query: string;
  readonly passages: readonly string[];
  readonly logits: readonly number[];
  readonly sigmoids: readonly number[];
  readonly ranking: readonly (readonly [index: number, score: number])[];
}

describe("a reranker", () => {
  test("scores pairs and ranks passages as CrossEncoder does, whatever the batches", async () => {
    const golden: Golden = await readJson(`${folder}/golden.json`);
    using model = await RobertaForSequenceClassification.fromPretrained(folder);
    const pairs = golden.passages.map((passage) => [golden.query, passage] as const);
    expectClose(await scorePairs(model, pairs), golden.logits);
    expectClose(await scorePairs(model, pairs, { batchSize: 2, activation: "sigmoid" }), golden.sigmoids);
    const found = await rank(model, golden.query, golden.passages, { topK: 3 });
    expect(found.map(({ index }) => index)).toEqual(golden.ranking.map(([index]) => index));
    expectClose(found.map(({ score }) => score), golden.ranking.map(([, score]) => score)); // prettier-ignore
    expect(found[0]?.text).toBe(golden.passages[1]);
    expect(await rank(model, golden.query, [])).toEqual([]);
  });

  /** The golden folder with other files. */
  async function changed(files: Readonly<Record<string, object>>, use: (folder: string) => Promise<void>): Promise<void> {
    await inFolder(async (copy) => {
      await cp(folder, copy, { recursive: true });
      for (const [name, json] of Object.entries(files))
        await writeFile(
          join(copy, name),
          JSON.stringify({ ...(name === "config.json" && (await readJson(`${folder}/${name}`))), ...json }),
        );
      await use(copy);
    });
  }

  const identity = "torch.nn.modules.linear.Identity";
  test.each([
    ["config_sentence_transformers.json", { "config_sentence_transformers.json": { activation_fn: identity } }, "logits"],
    ["its own file before config.json", { "config_sentence_transformers.json": { activation_fn: identity }, "config.json": { sentence_transformers: { activation_fn: "torch.nn.modules.activation.Sigmoid" } } }, "logits"],
    ["config.json", { "config_sentence_transformers.json": {}, "config.json": { sentence_transformers: { activation_fn: identity } } }, "logits"],
    ["the old name", { "config_sentence_transformers.json": {}, "config.json": { sbert_ce_default_activation_function: identity } }, "logits"],
    ["nothing", { "config_sentence_transformers.json": {} }, "sigmoids"],
    ["what isn't PyTorch's", { "config_sentence_transformers.json": { activation_fn: "my.Identity" } }, "sigmoids"],
  ] as const)("what a logit becomes, by %s", async (_, files, expected) => {
    const golden: Golden = await readJson(`${folder}/golden.json`);
    await changed(files, async (copy) => {
      using model = await RobertaForSequenceClassification.fromPretrained(copy);
      const pairs = golden.passages.map((passage) => [golden.query, passage] as const);
      expectClose(await scorePairs(model, pairs), golden[expected]);
      await inFolder(async (saved) => {
        await model.savePretrained(saved);
        using again = await RobertaForSequenceClassification.fromPretrained(saved);
        expectClose(await scorePairs(again, pairs), golden[expected]);
      });
    });
  }); // prettier-ignore

  test("what can't be done is said", async () => {
    await changed({ "config_sentence_transformers.json": { activation_fn: "torch.nn.modules.activation.Hardswish" } }, async (copy) => {
      using model = await RobertaForSequenceClassification.fromPretrained(copy);
      await expect(scorePairs(model, [["a", "b"]])).rejects.toThrow("activation must be one of identity, sigmoid, tanh");
      await expect(rank(model, "a", ["b"], { topK: 0 })).rejects.toThrow("topK");
      await expect(rank(model, "a", "b" as never)).rejects.toThrow("passages are a list of texts");
      await expect(scorePairs(model, ["ab" as never], { activation: "tanh" })).rejects.toThrow("pair 0");
    });
    using classifier = await BertForSequenceClassification.fromPretrained(goldenFolder("bert_sequence"));
    await expect(scorePairs(classifier, [["a", "b"]])).rejects.toThrow("a reranker has one output, but this model has 3; use classifyText");
  });
});

describe.each([
  ["mpnet", "q"],
  ["xlm_roberta", "query"],
  ["distilbert", "q_lin"],
])("a sentence encoder on %s", (name, query) => {
  const where = goldenFolder(`sentence_${name}`);

  test("gives sentence-transformers' vectors, and comes back", async () => {
    const golden: Readonly<Record<"vectors" | "query", number[][]>> & { readonly texts: string[] } = await readJson(`${where}/golden.json`);
    using model = await SentenceEncoder.fromPretrained(where);
    expect(model.maxLength).toBe(30);
    const check = async (encoder: SentenceEncoder): Promise<void> => {
      const options = { truncation: "longestFirst" } as const;
      const vectors = await embedText(encoder, golden.texts, options);
      const queries = await embedText(encoder, golden.texts, { ...options, prompt: encoder.prompts["query"] });
      for (const [i, vector] of golden.vectors.entries()) expectClose(vectors[i] ?? [], vector);
      for (const [i, vector] of golden.query.entries()) expectClose(queries[i] ?? [], vector);
    };
    await check(model);
    await inFolder(async (saved) => {
      await model.savePretrained(saved);
      using again = await SentenceEncoder.fromPretrained(saved);
      expect(again.config).toEqual(model.config);
      await check(again);
      const [written, original] = [await readJson(`${saved}/config.json`), await readJson(`${where}/config.json`)];
      for (const [key, value] of Object.entries(written)) expect([key, value]).toEqual([key, original[key] ?? value]);
    });
  });

  test("takes an adapter under its encoder's names", async () => {
    using model = await SentenceEncoder.fromPretrained(where);
    using lora = LoRA.attach(model, { targetModules: [query] });
    expect([...lora.namedParameters().keys()].length).toBe(4);
  });
});

test("an encoder that isn't here is refused by name", async () => {
  await inFolder(async (copy) => {
    await cp(goldenFolder("sentence_mpnet"), copy, { recursive: true });
    await writeFile(join(copy, "config.json"), JSON.stringify({ model_type: "t5" }));
    await expect(SentenceEncoder.fromPretrained(copy)).rejects.toThrow("no such encoder is here to make vectors with");
  });
  using masked = await RobertaForMaskedLM.fromPretrained(goldenFolder("roberta"));
  expect(masked.scoreActivation).toBeUndefined();
});

test("embeddings of fewer numbers and bytes are quantised from the float ones; one alone needs ranges", async () => {
  using model = await SentenceEncoder.fromPretrained(goldenFolder("sentence_mpnet"));
  const texts = ["the whale is old", "the ship", "a man of the sea"];
  const whole = await embedText(model, texts);
  const short = whole.map((vector) => vector.slice(0, 5));
  const ranges = embeddingRanges(short);
  for (const precision of ["float32", "int8", "uint8", "binary", "ubinary"] as const) {
    const expected = quantizeEmbeddings(short, precision);
    expect(await embedText(model, texts, { precision, truncateDim: 5, batchSize: 1 })).toEqual(expected);
    expect(await embedText(model, texts[1] ?? "", { precision, truncateDim: 5, ranges })).toEqual(expected[1]);
  }
  const bytes: Int8Array[] = await embedText(model, texts, { precision: "int8" });
  expect(bytes[0]).toHaveLength(12);
  await expect(embedText(model, "the ship", { precision: "int8" })).rejects.toThrow("int8 needs ranges, as embeddingRanges finds them");
  await expect(embedText(model, "the ship", { precision: "int4" as never })).rejects.toThrow("embedText: precision must be one of");
  await expect(embedText(model, texts, { ranges: [[1], [2, 3]] })).rejects.toThrow("ranges must be two lists of finite numbers");
});
