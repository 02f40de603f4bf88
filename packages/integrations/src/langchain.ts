/** Embeddings for LangChain.js. */
import { Embeddings, type EmbeddingsParams } from "@langchain/core/embeddings";
import { embedDocuments, type Embedder, embedQueries } from "./embedder.ts";

export class XEmbeddings extends Embeddings {
  readonly #embed: Embedder;

  /** @param embed `pipeline("feature-extraction", …)` */
  constructor(embed: Embedder, params: EmbeddingsParams = {}) {
    super(params);
    this.#embed = embed;
  }

  embedDocuments(documents: string[]): Promise<number[][]> {
    return this.caller.call(() => embedDocuments(this.#embed, documents));
  }

  async embedQuery(document: string): Promise<number[]> {
    const [vector = []] = await this.caller.call(() => embedQueries(this.#embed, [document]));
    return vector;
  }
}
