/** An embedding function for LanceDB. */
import { register, TextEmbeddingFunction } from "@lancedb/lancedb/embedding";
import { embedDocuments, type Embedder, embedQueries } from "./embedder.ts";

/**
 * Registers an embedding function under a name, which tables keep: whoever opens one of them registers it again before. For
 * `LanceSchema({ text: embedding.sourceField(), vector: embedding.vectorField() })`.
 * @param embed `pipeline("feature-extraction", …)`
 * @param width how many numbers a vector has, which a table's schema wants to know: 384 of all-MiniLM-L6-v2
 * @param name default "x"
 * @throws Error when the name is taken
 */
export function registerEmbedding(embed: Embedder, width: number, name = "x"): TextEmbeddingFunction {
  class XEmbeddingFunction extends TextEmbeddingFunction {
    override ndims(): number {
      return width;
    }

    override generateEmbeddings(texts: string[]): Promise<number[][]> {
      return embedDocuments(embed, texts);
    }

    override async computeQueryEmbeddings(query: string): Promise<number[]> {
      const [vector = []] = await embedQueries(embed, [query]);
      return vector;
    }
  }
  register(name)(XEmbeddingFunction);
  return new XEmbeddingFunction();
}
