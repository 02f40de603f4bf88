/** An embedding function for Chroma: `client.createCollection({ name, embeddingFunction: embeddingFunction(embed) })`. */
import type { EmbeddingFunction } from "chromadb";
import { embedDocuments, type Embedder, embedQueries } from "./embedder.ts";

/** @param embed `pipeline("feature-extraction", …)` */
export const embeddingFunction = (embed: Embedder): EmbeddingFunction => ({
  name: "x",
  generate: (texts) => embedDocuments(embed, texts),
  generateForQueries: (texts) => embedQueries(embed, texts),
  defaultSpace: () => "cosine",
  supportedSpaces: () => ["cosine", "l2", "ip"],
});
