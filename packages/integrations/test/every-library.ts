/** Every entry with its real library, in whatever runtime this is: prints the names of those that give what the model gives. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as lancedb from "@lancedb/lancedb";
import { LanceSchema } from "@lancedb/lancedb/embedding";
import { Document } from "@langchain/core/documents";
import { FakeVectorStore } from "@langchain/core/utils/testing";
import { TextNode } from "@llamaindex/core/schema";
import { pipeline } from "@x/models-nlp/auto";
import { embedMany } from "ai";
import { ChromaClient } from "chromadb";
import { embeddingModel } from "../src/ai-sdk.ts";
import { embeddingFunction } from "../src/chroma.ts";
import { registerEmbedding } from "../src/lancedb.ts";
import { XEmbeddings } from "../src/langchain.ts";
import { XEmbedding } from "../src/llama-index.ts";

const texts = ["the whale", "an old ship", "call me ishmael"];
const embed = await pipeline("feature-extraction", join(import.meta.dirname, "../../models-nlp/golden/sentence_distilbert"));
const vectors = (await embed(texts)).map((vector) => Array.from(vector));

const uses: Readonly<Record<string, () => Promise<void>>> = {
  async "ai-sdk"() {
    assert.deepEqual((await embedMany({ model: embeddingModel(embed), values: texts })).embeddings, vectors);
  },
  async langchain() {
    const documents = texts.map((pageContent) => new Document({ pageContent }));
    const store = await FakeVectorStore.fromDocuments(documents, new XEmbeddings(embed));
    const [found] = await store.similaritySearch("an old ship", 1);
    assert.equal(found?.pageContent, "an old ship");
  },
  async "llama-index"() {
    const nodes = await new XEmbedding(embed)(texts.map((text) => new TextNode({ text })));
    assert.deepEqual(
      nodes.map(({ embedding }) => embedding),
      vectors,
    );
  },
  async lancedb() {
    const folder = await mkdtemp(join(tmpdir(), "x-lance-"));
    const embedding = registerEmbedding(embed, vectors[0]?.length ?? 0);
    const database = await lancedb.connect(folder);
    const schema = LanceSchema({ text: embedding.sourceField(), vector: embedding.vectorField() });
    const table = await database.createEmptyTable("notes", schema);
    await table.add(texts.map((text) => ({ text })));
    const query = await embedding.computeQueryEmbeddings("an old ship");
    const [nearest] = (await table.search(query).limit(1).toArray()) as { text: string }[];
    assert.equal(nearest?.text, "an old ship");
    database.close();
    await rm(folder, { recursive: true });
  },
  async chroma() {
    const sent: string[] = [];
    const about = { id: "00000000-0000-0000-0000-000000000001", name: "notes", metadata: null, configuration_json: {} };
    const told = { ...about, tenant: "t", database: "d", user_id: "u", databases: ["d"], max_batch_size: 100 };
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += String(piece);
      if (body !== "") sent.push(body);
      response.setHeader("content-type", "application/json").end(JSON.stringify(told));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = new ChromaClient({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    const notes = await client.createCollection({ name: "notes", embeddingFunction: embeddingFunction(embed) });
    await notes.add({ ids: ["0", "1", "2"], documents: texts });
    server.close();
    assert.deepEqual((JSON.parse(sent.at(-1) ?? "{}") as { embeddings?: number[][] }).embeddings, vectors);
  },
};
for (const [name, use] of Object.entries(uses)) {
  await use();
  process.stdout.write(`${name}\n`);
}
embed.dispose();
process.exit(); // the libraries keep connections
