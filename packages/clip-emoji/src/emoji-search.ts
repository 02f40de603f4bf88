import { CLIP, embedImage, embedText } from "@x/clip";
import { checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import type { ImageInput } from "@x/models-vision";
import { EmbeddingIndex, type SearchResult } from "@x/search";
import { bytesAt, modelFiles, namesAddress, picturesAddress } from "./files.ts";

export interface FoundEmoji {
  /** "❤️" */
  readonly character: string;
  /** "red heart" */
  readonly name: string;
  /** The cosine of the two embeddings. */
  readonly score: number;
}

export interface EmojiSearchOptions {
  /** How many to tell, the likeliest first. Default 5. */
  readonly topK?: number | undefined;
}

const rules: RulesOf<EmojiSearchOptions> = { topK: wholeFrom(1) };

/** The model with what it knows by heart: drawings of all emoji, and their names. Needs no network. `dispose` or `using` frees it. */
export class EmojiSearch implements Disposable {
  readonly model: CLIP;
  /** Embeddings of drawings, by "character name". */
  readonly pictures: EmbeddingIndex;
  /** Embeddings of names, by "character name". */
  readonly names: EmbeddingIndex;

  constructor(model: CLIP, pictures: EmbeddingIndex, names: EmbeddingIndex) {
    this.model = model;
    this.pictures = pictures;
    this.names = names;
  }

  /** @throws CheckpointError when the package's files can't be read */
  static async load(): Promise<EmojiSearch> {
    const [model, pictures, names] = await Promise.all([
      CLIP.fromPretrained(await modelFiles()),
      EmbeddingIndex.load(await bytesAt(picturesAddress)),
      EmbeddingIndex.load(await bytesAt(namesAddress)),
    ]);
    return new EmojiSearch(model, pictures, names);
  }

  /** The emoji whose drawings are nearest to words. */
  async find(words: string, options: EmojiSearchOptions = {}): Promise<FoundEmoji[]> {
    checkOptions("EmojiSearch.find", options, rules);
    const { topK = 5 } = options;
    return this.pictures.search(await embedText(this.model, words, { truncation: "first" }), { topK }).map(found);
  }

  /** The emoji whose names are nearest to a picture: a file's bytes, a Blob, pixels. @throws ImageError when it isn't an image */
  async describe(picture: ImageInput, options: EmojiSearchOptions = {}): Promise<FoundEmoji[]> {
    checkOptions("EmojiSearch.describe", options, rules);
    const { topK = 5 } = options;
    return this.names.search(await embedImage(this.model, picture), { topK }).map(found);
  }

  dispose(): void {
    for (const part of [this.model, this.pictures, this.names]) part.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function found({ id, score }: SearchResult): FoundEmoji {
  const [character = "", ...name] = String(id).split(" ");
  return { character, name: name.join(" "), score };
}
