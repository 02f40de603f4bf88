/** Classes that build their stages themselves, whatever stages a tokenizer.json has: golden/tokenizer-classes, written by tools/reference/tokenizer_classes.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Tokenizer } from "../src/index.ts";

interface Row {
  readonly file: string;
  readonly config: { readonly tokenizer_class: string };
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly pair: readonly number[];
  readonly decoded: string;
}

const read = (name: string): string => readFileSync(new URL(`../golden/tokenizer-classes/${name}`, import.meta.url), "utf8");
const rows = JSON.parse(read("expected.json")) as readonly Row[];
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe.each(rows)("$config.tokenizer_class", ({ file, config, texts, ids, pair, decoded }) => {
  const load = (): Promise<Tokenizer> =>
    Tokenizer.fromPretrained(
      new Map([
        ["tokenizer.json", bytes(read(file))],
        ["tokenizer_config.json", bytes(JSON.stringify(config))],
      ]),
    );

  test("ids are Hugging Face's, and notes say which stages were taken", async () => {
    const tokenizer = await load();
    expect(texts.map((text) => [text, tokenizer.encode(text).ids])).toEqual(texts.map((text, i) => [text, ids[i]]));
    expect(tokenizer.encode("cat", { pair: "a b" }).ids).toEqual(pair);
    expect(tokenizer.decode(ids[0] ?? [])).toBe(decoded);
    expect(tokenizer.notes.join("\n")).toContain(`its normalizer isn't ${config.tokenizer_class}'s, which was taken`);
  });
});
