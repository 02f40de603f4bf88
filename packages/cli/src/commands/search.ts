import { stat } from "node:fs/promises";
import { EmbeddingIndex } from "@x/search";
import type { Call } from "../call.ts";
import { type CommandSpec, pictures } from "../command.ts";
import { type Embedder, openEmbedder } from "../embedder.ts";
import { add, index, input, running, topK, truncate } from "../options.ts";
import { UsageError } from "../usage-error.ts";

/** What is known of an entry: a text, or a picture's place. */
type Found = { readonly text: string } | { readonly file: string };

export const search: CommandSpec = {
  name: "search",
  summary: "Keep the vectors of texts or pictures in a file, and find the nearest to others",
  inputs: `what is searched for, or added: texts, or ${pictures}`,
  options: [...running(), index(), add(), topK(5), input(), truncate()],
  example: 'x search --model sentence-transformers/all-MiniLM-L6-v2 --index whales.safetensors "how large is a whale"',
  async run(call) {
    const { index: file = "", add: adds } = call.options;
    if (/^(lancedb|postgres|postgresql):/.test(file)) return findInTable(file, call);
    const isThere = await stat(file).then(
      () => true,
      () => false,
    );
    if (!isThere && adds !== true) throw new UsageError(`${file}: there is no such file; --add makes it`);
    using embedder = await openEmbedder(call);
    using entries = isThere ? await EmbeddingIndex.load<Found>(file) : new EmbeddingIndex<Found>();
    await (adds === true ? addTo(entries, file, embedder, call) : findIn(entries, embedder, call));
  },
};

/** What has been added is written when all has come: an interruption leaves the file as it was. */
async function addTo(entries: EmbeddingIndex<Found>, file: string, embedder: Embedder, call: Call): Promise<void> {
  const [vectors, payloads]: [Float32Array[], Found[]] = [[], []];
  let next = Math.max(-1, ...entries.ids().map(Number)) + 1;
  await call.each(
    embedder.inputs(),
    (batch) => embedder.embed(batch, embedder.prompts.document),
    (one, vector) => {
      const payload = embedder.isSeen(one) ? { file: one } : { text: one };
      vectors.push(vector);
      payloads.push(payload);
      return { record: { id: next++, ...payload } };
    },
  );
  if (vectors.length > 0) entries.add(vectors, { payloads });
  await entries.save(file);
}

async function findIn(entries: EmbeddingIndex<Found>, embedder: Embedder, call: Call): Promise<void> {
  await call.each(
    embedder.inputs(),
    async (batch) => entries.search(await embedder.embed(batch, embedder.prompts.query), { topK: call.options.topK }),
    (query, found) => ({
      record: { query, results: found.map(({ id, score, payload }) => ({ id, score, ...payload })) },
      heading: query,
      rows: found.map(({ score, payload }) => [score, nameOf(payload)]),
    }),
  );
}

/** Of what `bulk` has filled. */
async function findInTable(place: string, call: Call): Promise<void> {
  if (call.options.add === true) throw new UsageError("--add: bulk fills a table");
  const { searchTable } = await import("@x/bulk");
  using embedder = await openEmbedder(call);
  await call.each(
    embedder.inputs(),
    async (batch) => {
      const vectors = await embedder.embed(batch, embedder.prompts.query);
      return Promise.all(vectors.map((vector) => searchTable(place, vector, { topK: call.options.topK })));
    },
    (query, results) => ({
      record: { query, results },
      heading: query,
      rows: results.map(({ score, row }) => [score, String(row["text"] ?? row["file"] ?? JSON.stringify(row))]),
    }),
  );
}

const nameOf = (payload: Found | null): string => (payload === null ? "" : "text" in payload ? payload.text : payload.file);
