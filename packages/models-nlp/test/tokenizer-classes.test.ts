/** Classes that build their stages themselves, whatever stages a tokenizer.json has: golden/tokenizer-classes, written by tools/reference/tokenizer_classes.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Tokenizer, TokenizerError } from "../src/index.ts";

interface Row {
  readonly file: string;
  readonly config: { readonly tokenizer_class: string };
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly pair: readonly number[];
  readonly decoded: string;
  /** Whether the class builds its stages, or takes the file's. */
  readonly built: boolean;
}

const read = (name: string): string => readFileSync(new URL(`../golden/tokenizer-classes/${name}`, import.meta.url), "utf8");
const rows = JSON.parse(read("expected.json")) as readonly Row[];
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe.each(rows)("$config of $file", ({ file, config, texts, ids, pair, decoded, built }) => {
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
    expect(tokenizer.notes.join("\n").includes(`its normalizer isn't ${config.tokenizer_class}'s, which was taken`)).toBe(built);
  });
});

const said = (file: string, className: string): Map<string, Uint8Array<ArrayBuffer>> =>
  new Map([
    ["tokenizer.json", bytes(read(file))],
    ["tokenizer_config.json", bytes(JSON.stringify({ tokenizer_class: className }))],
  ]);

test.each(["XLMRobertaTokenizer", "CamembertTokenizer", "AlbertTokenizer", "T5Tokenizer"])(
  "%s is refused where pieces have no scores",
  async (name) => {
    const refusal = Tokenizer.fromPretrained(said("roberta.json", name));
    await expect(refusal).rejects.toThrow(TokenizerError);
    await expect(refusal).rejects.toThrow(`${name} wants pieces with scores, but tokenizer.json has a BPE model`);
  },
);

test("of a class that builds its stages and isn't followed, a note says whose were taken", async () => {
  const tokenizer = await Tokenizer.fromPretrained(said("words.json", "FunnelTokenizer"));
  expect(tokenizer.notes.join()).toContain("builds FunnelTokenizer's itself, which may be others");
});
