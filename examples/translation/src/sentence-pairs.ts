/** Real parallel sentences: the TypeScript compiler's messages (Apache-2.0), which professional translators have put into 13 languages. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface SentencePair {
  readonly source: string;
  readonly target: string;
}

/** English sentences with their translations. @param language a folder of the package: cs, de, es, fr, it, ja, ko, pl, pt-br, ru, tr, zh-cn, zh-tw */
export async function sentencePairs(language: string): Promise<SentencePair[]> {
  const lib = dirname(createRequire(import.meta.url).resolve("typescript-messages"));
  const [code, translations] = await Promise.all([
    readFile(join(lib, "typescript.js"), "utf8"),
    readFile(join(lib, language, "diagnosticMessages.generated.json"), "utf8"),
  ]);
  const byKey = JSON.parse(translations) as Readonly<Record<string, string>>;
  const text = String.raw`"(?:[^"\\]|\\.)*"`;
  const messages = code.matchAll(new RegExp(String.raw`\bdiag\(\d+, \d+ /\* \w+ \*/, (${text}), (${text})`, "g"));
  const pairs = [...messages].flatMap(([, key = '""', english = '""']) => {
    const [source, target] = [JSON.parse(english) as string, byKey[JSON.parse(key) as string]];
    return target !== undefined && source !== target ? [{ source, target }] : [];
  });
  return [...new Map(pairs.map((pair) => [pair.source, pair])).values()];
}
