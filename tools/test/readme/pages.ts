/** What the documentation's pages say, as far as it is certain. Their snippets stand by themselves: each imports what it uses. */
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serve, type TestServer } from "@x/testing";
import { expect } from "vitest";
import { SentenceEncoder } from "../../../packages/models-nlp/src/index.ts";
import { sentence, sentenceFolder, vectorsOf } from "./converted.ts";
import { openPostgres } from "./postgres.ts";
import type { Values } from "./snippets.ts";

export interface Page {
  readonly given?: () => Promise<Values>;
  readonly says?: (values: Values) => void | Promise<void>;
}

const root = join(import.meta.dirname, "../../..");
const sized = (length: number): unknown => expect.objectContaining({ length });
const labelled = { label: expect.any(String), probability: expect.any(Number) };

type Use = (...given: readonly unknown[]) => Promise<unknown>;
type Handler = (request: Request, bindings?: object) => Promise<Response>;
const asking = (address: string): Request => new Request(address, { method: "POST", body: JSON.stringify({ inputs: [sentence] }) });

/** By the snippets' titles, below apps/docs/pages/. */
const own: Readonly<Record<string, Page>> = {
  "start.md: What is in a picture": { says: ({ labels }) => expect(labels).toMatchObject([labelled, labelled, labelled]) },
  "start.md: What is in a picture (2)": { says: ({ best }) => expect(best).toMatchObject(labelled) },
  "start.md: What a text means": {
    says: ({ whale, ship, kettle }) => expect([whale, ship, kettle]).toEqual([sized(16), sized(16), sized(16)]),
  },
  "text.md: Texts": {
    says: ({ words, lists, answer }) => {
      expect([words, lists]).toEqual([sized(2), sized(2)]);
      expect("Jim Henson was a nice puppet").toContain((answer as { text: string }).text);
    },
  },
  "text.md: Options that all have": { says: ({ label }) => expect(label).toMatchObject({ label: expect.stringMatching(/^(ham|spam)$/) }) },
  "text.md: Translation": { says: ({ text }) => expect(text).toEqual(expect.any(String)) },
  "pictures.md: Pictures": {
    says: ({ lists, vector }) => {
      expect(lists).toMatchObject([
        [labelled, labelled],
        [labelled, labelled],
      ]);
      expect(vector).toEqual(expect.any(Float32Array));
    },
  },
  "pictures.md: Your own labels": { says: ({ found }) => expect(found).toHaveLength(3) },
  "pictures.md: What the model saw and where it looked": {
    says: () => expect(readFileSync("looked.png").subarray(1, 4).toString()).toBe("PNG"),
  },
  "search.md: Embeddings and search": {
    says: ({ found }) => {
      expect(found).toHaveLength(2);
      expect(existsSync("whales.safetensors")).toBe(true);
    },
  },
  "search.md: Two steps: find, then order": {
    says: ({ ordered }) => expect(ordered).toEqual([expect.objectContaining({ score: expect.any(Number) })]),
  },
  "fine-tuning.md: Fine-tuning": {
    says: ({ best }) => {
      expect(best).toMatchObject({ evaluation: { accuracy: expect.any(Number) } });
      expect(existsSync("spam-filter/model.safetensors")).toBe(true);
    },
  },
  "inside.md: Looking inside": { says: ({ trace }) => expect((trace as { attention: unknown[] }).attention).toHaveLength(2) },
  "loading.md: Before": { says: ({ missing }) => expect(missing).toEqual(expect.any(Number)) },
  "loading.md: Meanwhile": {},
  "loading.md: Afterwards": {},
  "memory.md: Memory": {},
  "recipes/server.md: Node's `http`, Fastify": {},
  "recipes/server.md: Express": {},
  "recipes/server.md: Deno, Bun, Hono, Next.js' routes": { says: ({ vectors }) => expect(vectors).toEqual([sized(16)]) },
  "recipes/server.md: Deno, Bun, Hono, Next.js' routes (2)": { says: ({ vectors }) => expect(vectors).toEqual([sized(16)]) },
  "recipes/server.md: Deno, Bun, Hono, Next.js' routes (3)": {
    async says({ POST }) {
      const answer = await (POST as Handler)(asking("http://localhost/embed"));
      expect(await answer.json()).toEqual([sized(16)]);
    },
  },
  // In Cloudflare's runtime itself it runs in apps/everywhere/test/workerd.test.ts.
  "recipes/elsewhere.md: Cloudflare's workers": {
    async says({ exported }) {
      const bucket = { get: async (name: string) => new Response(await readFile(join(sentenceFolder, name))) };
      const answer = await (exported as { fetch: Handler }).fetch(asking("http://localhost/"), { MODELS: bucket });
      const [[given = []] = [], [expected = []] = []] = [(await answer.json()) as number[][], await vectorsOf([sentence])];
      expect(
        given.reduce((sum, value, i) => sum + value * (expected[i] ?? 0), 0),
        "in int8",
      ).toBeGreaterThan(0.99);
    },
  },
  "recipes/elsewhere.md: Service workers": {
    async given() {
      const heard: unknown[] = [];
      const files = join(root, "packages/models-vision/golden/classify/vit");
      const served = await serve((_, response, path) => {
        const file = join(files, path.replace("/model/", ""));
        if (existsSync(file)) response.end(readFileSync(file));
        else response.writeHead(404).end();
      });
      return { addEventListener: (_: string, hear: unknown) => heard.push(hear), heard, served, location: { href: served.url } };
    },
    async says({ heard, served }) {
      const said: unknown[] = [];
      const event = { data: new Blob([await readFile("cat.jpg")]), source: { postMessage: (value: unknown) => said.push(value) } };
      for (const hear of heard as ((event: object) => Promise<void>)[]) await hear(event);
      expect(said).toEqual([expect.arrayContaining([expect.objectContaining(labelled)])]);
      await (served as TestServer)[Symbol.asyncDispose]();
    },
  },
  "recipes/browser.md: Vite": { says: ({ best }) => expect(best).toMatchObject(labelled) },
  "recipes/vector-databases.md: SQLite, by sqlite-vec": {
    says: ({ rows }) => expect(rows).toMatchObject([{ text: "The whale is old.", distance: expect.closeTo(0, 5) }, {}]),
  },
  "recipes/vector-databases.md: Postgres, by pgvector": {
    async says({ add, nearest }) {
      const page = readFileSync(join(root, "apps/docs/pages/recipes/vector-databases.md"), "utf8");
      const [, sql = ""] = /```sql\n([^]*?)```/.exec(page) ?? [];
      const encoder = await SentenceEncoder.fromPretrained(sentenceFolder);
      const database = await openPostgres();
      await database.exec(sql.replace("vector(384)", `vector(${encoder.encoder.config.hiddenSize})`));
      const use = { add: add as Use, nearest: nearest as Use };
      await use.add(database, encoder, [sentence, "A kettle boils.", "She sold the ship."]);
      expect(await use.nearest(database, encoder, sentence)).toMatchObject({
        rows: [{ text: sentence, score: expect.closeTo(1, 5) }, {}, {}],
      });
      await database.close();
      encoder.dispose();
    },
  },
  "from/transformers-js.md: From transformers.js": {
    async says({ vectors }) {
      const [[given = []] = [], [expected = []] = []] = [vectors as number[][], await vectorsOf([sentence])];
      expect(given).toEqual(expected.map((value) => expect.closeTo(value, 5)));
    },
  },
  "from/transformers-js.md: From transformers.js (2)": { says: ({ vectors }) => expect(vectors).toEqual([sized(16)]) },
  "from/pytorch.md: From PyTorch": { says: ({ w }) => expect((w as { data: Float32Array }).data[0]).toBeCloseTo(0.9, 2) },
  "from/tfjs.md: From TensorFlow.js": { says: ({ sum }) => expect(sum).toEqual([2, 3]) },
};

export const pages: Readonly<Record<string, Page>> = Object.fromEntries(
  Object.entries(own).map(([title, page]) => [`apps/docs/pages/${title}`, page]),
);
