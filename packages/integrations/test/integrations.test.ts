/** Each with the real library. */
import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lancedb from "@lancedb/lancedb";
import { LanceSchema } from "@lancedb/lancedb/embedding";
import { Document } from "@langchain/core/documents";
import { FakeVectorStore } from "@langchain/core/utils/testing";
import { TextNode } from "@llamaindex/core/schema";
import { embed as embedOne, embedMany, rerank } from "ai";
import { init, shutdown } from "@x/layers";
import { pipeline, type RankingPipeline, type TextPipeline } from "@x/models-nlp/auto";
import { ChromaClient } from "chromadb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { embeddingModel, rerankingModel } from "../src/ai-sdk.ts";
import { embeddingFunction } from "../src/chroma.ts";
import { registerEmbedding } from "../src/lancedb.ts";
import { XEmbeddings } from "../src/langchain.ts";
import { XEmbedding } from "../src/llama-index.ts";

const goldens = join(import.meta.dirname, "../../models-nlp/golden");
const texts = ["the whale", "an old ship", "call me ishmael"];
let embed: TextPipeline<"feature-extraction">;
let rank: RankingPipeline;
let vectors: number[][];
/** The same texts as queries: this model's files declare what stands before those. */
let asked: number[][];

beforeAll(async () => {
  await init();
  embed = await pipeline("feature-extraction", join(goldens, "sentence_mpnet"));
  rank = await pipeline("text-ranking", join(goldens, "rerank"));
  vectors = (await embed(texts)).map((vector) => Array.from(vector));
  asked = (await embed(texts, { prompt: "query: " })).map((vector) => Array.from(vector));
});
afterAll(() => {
  embed.dispose();
  rank.dispose();
  shutdown();
});

test("Vercel AI SDK: embed, embedMany, rerank, and an end by signal", async () => {
  const model = embeddingModel(embed, { modelId: "mpnet" });
  expect((await embedOne({ model, value: "the whale" })).embedding).toEqual(vectors[0]);
  expect((await embedMany({ model, values: texts })).embeddings).toEqual(vectors);
  await expect(embedMany({ model, values: texts, abortSignal: AbortSignal.abort(new Error("enough")), maxRetries: 0 })).rejects.toThrow(
    "enough",
  );
  const { ranking } = await rerank({ model: rerankingModel(rank), query: "the whale", documents: texts, topN: 2 });
  const expected = await rank("the whale", texts, { topK: 2 });
  expect(ranking.map(({ originalIndex, score }) => ({ index: originalIndex, score }))).toEqual(
    expected.map(({ index, score }) => ({ index, score })),
  );
});

test("LangChain: documents and queries, in a vector store", async () => {
  const embeddings = new XEmbeddings(embed);
  expect(await embeddings.embedDocuments(texts)).toEqual(vectors);
  expect(await embeddings.embedQuery("the whale")).toEqual(asked[0]);
  const store = await FakeVectorStore.fromDocuments(
    texts.map((pageContent) => new Document({ pageContent })),
    embeddings,
  );
  const [found] = await store.similaritySearch("an old ship", 1);
  expect(found?.pageContent).toBe("an old ship");
});

test("LlamaIndex: nodes and queries", async () => {
  const model = new XEmbedding(embed);
  const nodes = await model(texts.map((text) => new TextNode({ text })));
  expect(nodes.map(({ embedding }) => embedding)).toEqual(vectors);
  expect(await model.getQueryEmbedding({ type: "text", text: "the whale" })).toEqual(asked[0]);
  expect(await model.getQueryEmbedding({ type: "image_url", image_url: { url: "" } })).toBeNull();
});

test("LanceDB: a table fills its vectors, and is searched by words", async () => {
  const folder = await mkdtemp(join(tmpdir(), "x-lance-"));
  const embedding = registerEmbedding(embed, vectors[0]?.length ?? 0);
  const database = await lancedb.connect(folder);
  const schema = LanceSchema({ text: embedding.sourceField(), vector: embedding.vectorField() });
  const table = await database.createEmptyTable("notes", schema);
  await table.add(texts.map((text) => ({ text })));
  const [nearest] = await table
    .search(await embedding.computeQueryEmbeddings("an old ship"))
    .limit(1)
    .toArray();
  expect(nearest.text).toBe("an old ship");
  expect(Array.from(nearest.vector as Iterable<number>)).toEqual(vectors[1]);
  database.close();
  await rm(folder, { recursive: true });
});

test("Chroma: what its client sends are these vectors", async () => {
  const sent: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    if (body !== "") sent.push(JSON.parse(body) as Record<string, unknown>);
    const collection = {
      id: "00000000-0000-0000-0000-000000000001",
      name: "notes",
      metadata: null,
      configuration_json: {},
      tenant: "t",
      database: "d",
      dimension: null,
      log_position: 0,
      version: 0,
    };
    const told = request.url?.endsWith("/query")
      ? { ids: [["1"]], include: [], documents: [[texts[1]]], distances: [[0]], metadatas: [[null]] }
      : { ...collection, user_id: "u", databases: ["d"], max_batch_size: 100 };
    response.setHeader("content-type", "application/json").end(JSON.stringify(told));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new ChromaClient({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const collection = await client.createCollection({ name: "notes", embeddingFunction: embeddingFunction(embed) });
  await collection.add({ ids: ["0", "1", "2"], documents: texts });
  await collection.query({ queryTexts: ["an old ship"], nResults: 1 });
  const embeddings = sent.flatMap((body) => (Array.isArray(body["embeddings"]) ? [body["embeddings"]] : []));
  const queries = sent.flatMap((body) => (Array.isArray(body["query_embeddings"]) ? [body["query_embeddings"]] : []));
  expect([embeddings, queries]).toEqual([[vectors], [[asked[1]]]]);
  server.close();
});

test("prompts: of queries and of documents, as the model's files declare them", async () => {
  const options: unknown[] = [];
  const declared = Object.assign(
    async (list: readonly string[], given: object = {}) => {
      options.push(given);
      return list.map(() => Float32Array.of(1));
    },
    { model: { prompts: { query: "query: ", passage: "passage: " } } },
  );
  const embeddings = new XEmbeddings(declared);
  await embeddings.embedQuery("a");
  await embeddings.embedDocuments(["a"]);
  expect(options).toMatchObject([{ prompt: "query: " }, { prompt: "passage: " }]);
});
