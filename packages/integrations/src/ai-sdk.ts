/** Models for the Vercel AI SDK's `embed`, `embedMany` and `rerank`. */
import type { EmbeddingModelV3, RerankingModelV3 } from "@ai-sdk/provider";
import { embedDocuments, type Embedder } from "./embedder.ts";

export interface ModelOptions {
  /** What records call it. Default "local". */
  readonly modelId?: string | undefined;
}

/** @param embed `pipeline("feature-extraction", …)` */
export const embeddingModel = (embed: Embedder, { modelId = "local" }: ModelOptions = {}): EmbeddingModelV3 => ({
  specificationVersion: "v3",
  provider: "x",
  modelId,
  maxEmbeddingsPerCall: Infinity,
  supportsParallelCalls: false,
  doEmbed: async ({ values, abortSignal }) => ({ embeddings: await embedDocuments(embed, values, abortSignal), warnings: [] }),
});

/** What orders passages by a query: `pipeline("text-ranking", …)` of `@x/models-nlp/auto` or `@x/worker`. */
export interface Ranker {
  (
    query: string,
    passages: readonly string[],
    options?: { readonly topK?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly { readonly index: number; readonly score: number }[]>;
}

/** Documents that are objects are judged by their JSON. @param rank `pipeline("text-ranking", …)` */
export const rerankingModel = (rank: Ranker, { modelId = "local" }: ModelOptions = {}): RerankingModelV3 => ({
  specificationVersion: "v3",
  provider: "x",
  modelId,
  async doRerank({ query, documents, topN, abortSignal }) {
    const texts = documents.type === "text" ? documents.values : documents.values.map((value) => JSON.stringify(value));
    const ranked = await rank(query, texts, { topK: topN, signal: abortSignal });
    return { ranking: ranked.map(({ index, score }) => ({ index, relevanceScore: score })) };
  },
});
