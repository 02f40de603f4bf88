import { Tokenizer } from "@x/models-nlp";
import { countWords, learnMerges } from "./byte-pair.ts";
import { sentences } from "./captions.ts";
import type { Emoji } from "./emoji-file.ts";

/** A tokenizer of CLIP's kind for the words of the captions; any other text falls into smaller pieces, at worst bytes. */
export async function trainTokenizer(emoji: readonly Emoji[], merges: number): Promise<Tokenizer> {
  const texts = emoji.flatMap(({ label, tags }) => [...sentences.map((sentence) => sentence.replace("{label}", label)), ...tags]);
  const learned = learnMerges(countWords(texts), merges);
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  // OpenAI's file says only the merges; the vocabulary follows from them. Hugging Face's files say both, and are what is saved.
  const openAI = await Tokenizer.fromPretrained(new Map([["bpe_simple_vocab_16e6.txt", bytes(["#version: 0.2", ...learned].join("\n"))]]));
  const vocabulary = Object.fromEntries(Array.from({ length: openAI.vocabSize }, (_, id) => [openAI.idToToken(id) ?? "", id]));
  return Tokenizer.fromPretrained(
    new Map([
      ["vocab.json", bytes(JSON.stringify(vocabulary))],
      ["merges.txt", bytes(["#version: 0.2", ...learned].join("\n"))],
    ]),
  );
}
