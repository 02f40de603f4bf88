/** What makes vectors of texts: `pipeline("feature-extraction", …)` of `@x/models-nlp/auto`, `@x/clip/auto` or `@x/worker`. */
export interface Embedder {
  (texts: readonly string[], options?: EmbedderOptions): Promise<readonly Float32Array[]>;
  /** Its `prompts` are what the model's files declare to stand before queries and documents. */
  readonly model: object;
}

export interface EmbedderOptions {
  /** Put before each text. Default: what the model's files say. */
  readonly prompt?: string | undefined;
  /** What happens to a text that is too long. */
  readonly truncation?: "longestFirst" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Vectors of documents, as plain lists. Texts that are too long are cut, as the other providers of these libraries do. */
export const embedDocuments = async (embed: Embedder, texts: readonly string[], signal?: AbortSignal): Promise<number[][]> =>
  plain(await embed(texts, { truncation: "longestFirst", signal, prompt: promptFor(embed, "document", "passage") }));

/** Vectors of queries: the prompt that the model's files declare for them stands before each. */
export const embedQueries = async (embed: Embedder, queries: readonly string[], signal?: AbortSignal): Promise<number[][]> =>
  plain(await embed(queries, { truncation: "longestFirst", signal, prompt: promptFor(embed, "query") }));

/** The first that is declared; undefined where none is. */
function promptFor({ model }: Embedder, ...names: readonly string[]): string | undefined {
  const prompts = "prompts" in model ? (model.prompts as Readonly<Record<string, string>> | undefined) : undefined;
  return names.map((name) => prompts?.[name]).find((prompt) => prompt !== undefined);
}

const plain = (vectors: readonly Float32Array[]): number[][] => vectors.map((vector) => Array.from(vector));
