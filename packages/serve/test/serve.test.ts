/** Models behind HTTP, asked as their clients ask them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init, Rng, shutdown } from "@x/layers";
import {
  BertForSequenceClassification,
  classifyText,
  embedText,
  rank,
  RobertaForSequenceClassification,
  SentenceEncoder,
  Tokenizer,
} from "@x/models-nlp";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve, type Serving } from "../src/index.ts";
import { type Listening, listen } from "../src/node.ts";

const goldens = join(import.meta.dirname, "../../models-nlp/golden");
const sentences = join(goldens, "sentence_mpnet");
const reranker = join(goldens, "rerank");
let folder: string;
let serving: Serving;
let server: Listening;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "x-serve-"));
  await init();
  using judge = await BertForSequenceClassification.fromConfig(
    {
      vocabSize: 168,
      hiddenSize: 16,
      numHiddenLayers: 1,
      numAttentionHeads: 2,
      intermediateSize: 32,
      maxPositionEmbeddings: 64,
      id2label: { 0: "calm", 1: "stormy" },
    },
    { rng: new Rng(7) },
  );
  judge.tokenizer = await Tokenizer.fromPretrained(join(goldens, "tasks/vocab.txt"));
  await judge.savePretrained(folder);
  serving = await serve([sentences, reranker, folder], { threads: 1, maxInputs: 20, maxBody: 20_000 });
  server = await listen(serving, { port: 0 });
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
  shutdown();
});

async function ask(path: string, body?: object): Promise<{ readonly status: number; readonly told: unknown }> {
  const response = await fetch(server.address + path, body && { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, told: path === "/metrics" ? text : JSON.parse(text) };
}

const near = (vector: ArrayLike<number>): unknown[] => Array.from(vector, (value) => expect.closeTo(value, 5));

describe("OpenAI's client", () => {
  test("embeddings, as base64 (its default) and as numbers, with usage; dimensions", async () => {
    const client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: "none" });
    using encoder = await SentenceEncoder.fromPretrained(sentences);
    const texts = ["the whale", "an old ship"];
    const expected = await embedText(encoder, texts);
    for (const encoding_format of [undefined, "float", "base64"] as const) {
      const { data, usage, model } = await client.embeddings.create({
        model: sentences,
        input: texts,
        ...(encoding_format && { encoding_format }),
      });
      if (encoding_format !== "base64") expect(data.map(({ embedding }) => embedding)).toEqual(expected.map(near));
      expect(data.map(({ index }) => index)).toEqual([0, 1]);
      expect(model).toBe(sentences);
      expect(usage.total_tokens).toBeGreaterThan(4);
    }
    const short = await client.embeddings.create({ model: sentences, input: "the whale", dimensions: 4 });
    expect(short.data[0]?.embedding).toHaveLength(4);
    expect(Math.hypot(...(short.data[0]?.embedding ?? []))).toBeCloseTo(1, 5);
    const listed = await client.models.list();
    expect(listed.data.map(({ id }) => id)).toEqual([sentences, reranker, folder]);
  });

  test("its errors are the client's own", async () => {
    const client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: "none", maxRetries: 0 });
    const long = client.embeddings.create({ model: sentences, input: "whale ".repeat(600) });
    await expect(long).rejects.toMatchObject({ status: 413 });
    const cut = { model: sentences, input: "whale ".repeat(600), truncate: true };
    expect((await client.embeddings.create(cut)).data).toHaveLength(1);
    await expect(client.embeddings.create({ model: sentences, input: [] })).rejects.toThrow("`input` must be a text, or a list of texts");
    const tokens = client.embeddings.create({ model: sentences, input: [1, 2, 3] });
    await expect(tokens).rejects.toThrow("`input` must be texts, not tokens");
    await expect(tokens).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
    await expect(client.embeddings.create({ model: sentences, input: "a", dimensions: 10_000 })).rejects.toThrow(
      "`dimensions` must be at most",
    );
  });
});

describe("text-embeddings-inference's calls", () => {
  test("/embed", async () => {
    using encoder = await SentenceEncoder.fromPretrained(sentences);
    expect(await ask("/embed", { inputs: ["the whale"] })).toEqual({ status: 200, told: [near(await embedText(encoder, "the whale"))] });
    expect(await ask("/embed", { inputs: "whale ".repeat(600), truncate: true })).toMatchObject({ status: 200 });
    expect(await ask("/embed", { inputs: ["a"], prompt_name: "none" })).toMatchObject({ status: 422, told: { error_type: "Validation" } });
  });

  test("/info says how long a text may be, as a sentence encoder's files do", async () => {
    const short = join(folder, "short");
    using encoder = await SentenceEncoder.fromPretrained(sentences, { config: { maxLength: 7 } });
    await encoder.savePretrained(short);
    await using other = await listen(await serve(short, { threads: 1 }), { port: 0 });
    const told = await (await fetch(`${other.address}/info`)).json();
    expect(told).toMatchObject({ models: [{ max_input_length: 7 }] });
    const long = await fetch(`${other.address}/embed`, { method: "POST", body: JSON.stringify({ inputs: "whale ".repeat(8) }) });
    expect(long.status).toBe(413);
  });

  test("/rerank: best first, raw scores are logits, texts where they are wanted", async () => {
    using model = await RobertaForSequenceClassification.fromPretrained(reranker);
    const texts = ["the ship", "a man", "the whale"];
    const expected = await rank(model, "the whale", texts, { activation: "sigmoid" });
    const plain = expected.map(({ index, score }) => ({ index, score: expect.closeTo(score, 5) }));
    expect(await ask("/rerank", { query: "the whale", texts, truncate: true })).toEqual({ status: 200, told: plain });
    const raw = await rank(model, "the whale", texts, { activation: "identity" });
    const told = raw.map(({ index, score, text }) => ({ index, text, score: expect.closeTo(score, 3) }));
    expect(await ask("/rerank", { query: "the whale", texts, raw_scores: true, return_text: true, truncate: true })).toEqual({
      status: 200,
      told,
    });
  });

  test("/predict: a text, a pair, a list of either", async () => {
    using model = await BertForSequenceClassification.fromPretrained(folder);
    const [whale, pair] = await classifyText(model, ["the whale", ["the whale", "the ship"]]);
    const told = (list: typeof whale): unknown => list?.map(({ label, probability }) => ({ label, score: expect.closeTo(probability, 5) }));
    expect(await ask("/predict", { inputs: "the whale" })).toEqual({ status: 200, told: told(whale) });
    expect(await ask("/predict", { inputs: ["the whale", "the ship"] })).toEqual({ status: 200, told: told(pair) });
    expect(await ask("/predict", { inputs: [["the whale"], ["the whale", "the ship"]] })).toEqual({
      status: 200,
      told: [told(whale), told(pair)],
    });
  });
});

describe("what can't be", () => {
  test.each([
    ["/embed", { inputs: [] }, 422, "`inputs` must be a text, or a list of texts"],
    ["/embed", { inputs: [1] }, 422, "`inputs` must be a text, or a list of texts"],
    ["/embed", { inputs: Array.from({ length: 21 }, () => "a") }, 413, "`inputs` has 21 texts, of 20 that may come together"],
    ["/embed", { inputs: "x".repeat(30_000) }, 413, "the body is beyond 20000 bytes"],
    ["/embed", { inputs: "a", truncate: "yes" }, 422, "`truncate` must be true or false"],
    ["/rerank", { texts: ["a"] }, 422, "`query` must be a text"],
    ["/predict", { inputs: [["a", "b", "c"]] }, 422, "`inputs` must be a text, two texts, or a list of lists of one or two texts"],
    ["/predict", { inputs: "a", raw_scores: true }, 422, "`raw_scores` must be false: probabilities are all there is"],
    ["/cook", { inputs: "a" }, 404, "there is no /cook"],
  ])("%s %j", async (path, body, status, error) => {
    expect(await ask(path, body)).toMatchObject({ status, told: { error } });
  });

  test("no JSON, no object, the wrong method, a body without end", async () => {
    for (const [body, message] of [
      ["{", "the body is not JSON"],
      ["[1]", "the body is not a JSON object"],
    ] as const) {
      const response = await fetch(`${server.address}/embed`, { method: "POST", body });
      expect([response.status, await response.json()]).toEqual([400, { error: message, error_type: "Validation" }]);
    }
    expect(await ask("/embed")).toMatchObject({ status: 405 });
    const deep = `{"inputs":"a","model":${"[".repeat(9000)}${"]".repeat(9000)}}`;
    const answered = await fetch(`${server.address}/predict`, { method: "POST", body: deep });
    expect(answered.status).toBeLessThan(500);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(5000).fill(32)) });
    const sent = fetch(`${server.address}/embed`, { method: "POST", body: endless, duplex: "half" } as RequestInit);
    expect(
      await sent.then(
        ({ status }) => status,
        () => 413,
      ),
    ).toBe(413);
  });
});

test("many at once: none is lost, they go together, and /health answers meanwhile", async () => {
  const begun = performance.now();
  const asked = Promise.all(Array.from({ length: 60 }, (_, i) => ask("/embed", { inputs: `whale number ${i}` })));
  const waits: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    expect(await ask("/health")).toEqual({ status: 200, told: { status: "ok" } });
    waits.push(performance.now() - before);
  }
  const answers = await asked;
  const each = await ask("/embed", { inputs: Array.from({ length: 20 }, (_, i) => `whale number ${i}`) });
  expect(answers.slice(0, 20).flatMap(({ told }) => told)).toEqual((each.told as number[][]).map(near));
  const { told } = await ask("/metrics");
  expect(told).toMatch(/^x_requests_total\{path="\/embed",status="200"\} \d+$/m);
  expect(told).toMatch(/^x_batch_size_bucket\{le="\+Inf"\} \d+$/m);
  const [, sum = 0, count = 0] = /x_batch_size_sum (\d+)\nx_batch_size_count (\d+)/.exec(String(told)) ?? [];
  expect(Number(sum) / Number(count), "inputs of a batch").toBeGreaterThan(1.5);
  expect(performance.now() - begun).toBeLessThan(30_000);
});
