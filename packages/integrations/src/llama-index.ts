/** An embedding model for LlamaIndex.TS: `Settings.embedModel = new XEmbedding(embed)`. */
import { BaseEmbedding } from "@llamaindex/core/embeddings";
import { embedDocuments, type Embedder, embedQueries } from "./embedder.ts";

type Detail = Parameters<BaseEmbedding["getQueryEmbedding"]>[0];

export class XEmbedding extends BaseEmbedding {
  readonly #embed: Embedder;

  /** @param embed `pipeline("feature-extraction", …)` */
  constructor(embed: Embedder) {
    super();
    this.#embed = embed;
  }

  override getTextEmbeddings = (texts: string[]): Promise<number[][]> => embedDocuments(this.#embed, texts);

  async getTextEmbedding(text: string): Promise<number[]> {
    const [vector = []] = await embedDocuments(this.#embed, [text]);
    return vector;
  }

  /** null of what is no text. */
  override async getQueryEmbedding(query: Detail): Promise<number[] | null> {
    if (query.type !== "text") return null;
    const [vector = null] = await embedQueries(this.#embed, [query.text]);
    return vector;
  }
}
