import type { FileSource } from "@x/layers";
import { Tokenizer } from "@x/models-nlp";

/** By any of which a tokenizer is known. */
const tokenizerFiles = ["tokenizer.json", "vocab.json", "bpe_simple_vocab_16e6.txt", "bpe_simple_vocab_16e6.txt.gz"] as const;

/** The tokenizer whose files lie beside a checkpoint; undefined where there are none, as with OpenAI's. @throws TokenizerError when they can't be followed */
export async function pretrainedTokenizer(source: FileSource): Promise<Tokenizer | undefined> {
  for (const name of tokenizerFiles) if (await source.has(name)) return Tokenizer.fromSource(source);
  return undefined;
}
