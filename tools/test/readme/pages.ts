/** What the documentation's pages say, as far as it is certain. Their snippets stand by themselves: each imports what it uses. */
import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Values } from "./snippets.ts";

export interface Page {
  readonly says?: (values: Values) => void;
}

const sized = (length: number): unknown => expect.objectContaining({ length });
const labelled = { label: expect.any(String), probability: expect.any(Number) };

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
  "recipes/browser.md: Vite": { says: ({ best }) => expect(best).toMatchObject(labelled) },
  "recipes/vector-databases.md: SQLite, by sqlite-vec": {
    says: ({ rows }) => expect(rows).toMatchObject([{ text: "The whale is old.", distance: expect.closeTo(0, 5) }, {}]),
  },
  "recipes/vector-databases.md: Postgres, by pgvector": {},
  "from/transformers-js.md: From transformers.js": { says: ({ vectors }) => expect(vectors).toEqual([sized(16)]) },
  "from/pytorch.md: From PyTorch": { says: ({ w }) => expect((w as { data: Float32Array }).data[0]).toBeCloseTo(0.9, 2) },
  "from/tfjs.md: From TensorFlow.js": { says: ({ sum }) => expect(sum).toEqual([2, 3]) },
};

export const pages: Readonly<Record<string, Page>> = Object.fromEntries(
  Object.entries(own).map(([title, page]) => [`apps/docs/pages/${title}`, page]),
);
