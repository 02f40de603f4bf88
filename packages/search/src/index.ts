export { type AddOptions, EmbeddingIndex, type IndexOptions, type SearchOptions, type SearchResult } from "./embedding-index.ts";
export type { Entry, EntryId } from "./entry.ts";
export { dotProduct, hammingDistance, similarity } from "./similarity.ts";
export type { Embeddings, QuantizedVector, Vector, Vectors } from "./vectors.ts";
export { ArgumentError, CheckpointError, init, XError } from "@x/layers";
export { type EmbeddingPrecision, type EmbeddingRanges, embeddingRanges, type Json, quantizeEmbeddings } from "@x/layers/model";
