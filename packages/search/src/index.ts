export { type AddOptions, EmbeddingIndex, type SearchOptions, type SearchResult } from "./embedding-index.ts";
export type { Entry, EntryId } from "./entry.ts";
export { similarity } from "./similarity.ts";
export type { Vector, Vectors } from "./vectors.ts";
export { ArgumentError, CheckpointError, init, XError } from "@x/layers";
export type { Json } from "@x/layers/model";
