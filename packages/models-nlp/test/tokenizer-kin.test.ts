/** The tokenizers of RoBERTa, XLM-RoBERTa, CamemBERT, MPNet and DistilBERT: of older files alone, and of a `tokenizer.json` beside a class that builds its stages itself. */
import { expect, test } from "vitest";
import { Tokenizer } from "@x/models-nlp";
import { goldenBytes, goldenJson, tokenizerOf } from "./tokenizer-golden.ts";

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, object | string>>;
  readonly rows: readonly (readonly [
    text: string,
    ids: readonly number[],
    decoded: string,
    offsets: readonly (readonly [number, number])[],
  ])[];
  readonly pair: readonly number[];
  readonly special: Readonly<Record<string, number>>;
  readonly maxLength: number | null;
}

const cases = goldenJson<Case[]>("kin.json");

/** The files of a case, SentencePiece's as bytes. */
const filesOf = ({ files }: Pick<Case, "files">) =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, name.endsWith(".model") ? goldenBytes(String(content)) : content]),
  );

test.each(cases.map((one) => [one.name, one] as const))("%s: as Hugging Face's library", async (_, one) => {
  const tokenizer = await tokenizerOf(filesOf(one));
  for (const [text, ids, decoded, offsets] of one.rows) {
    const found = tokenizer.encode(text);
    expect({ text, ids: found.ids }).toEqual({ text, ids });
    expect({ text, offsets: found.offsets }).toEqual({ text, offsets });
    expect({ text, decoded: tokenizer.decode(ids, { skipSpecialTokens: true }) }).toEqual({ text, decoded });
  }
  const pair = tokenizer.encode("the test", { pair: "of words" });
  expect(pair.ids).toEqual(one.pair);
  const special = Object.entries(tokenizer.special).flatMap(([key, id]) => (id === undefined ? [] : [[`${key}_token`, id]]));
  expect(Object.fromEntries(special)).toMatchObject(one.special);
  expect(tokenizer.maxLength ?? null).toBe(one.maxLength);
});

test("saved beside a model they are the same", async () => {
  for (const one of cases) {
    const tokenizer = await tokenizerOf(filesOf(one));
    const config = one.files["config.json"] ?? {};
    const again = await Tokenizer.fromPretrained(
      new Map([
        ["config.json", new TextEncoder().encode(JSON.stringify(config))],
        ...[...tokenizer.files].map(
          ([name, content]) => [name, typeof content === "string" ? new TextEncoder().encode(content) : content] as const,
        ),
      ]),
    );
    for (const [text, ids] of one.rows) expect(again.encode(text).ids).toEqual(ids);
  }
});

interface Languages {
  readonly name: string;
  readonly files: Readonly<Record<string, object | string>>;
  readonly rows: readonly (readonly [language: string | null, text: string, ids: readonly number[]])[];
  readonly ids: Readonly<Record<string, number>>;
  readonly decoded: string;
  readonly pair: readonly number[];
}

const spoken = goldenJson<Languages[]>("languages.json");

test.each(spoken.map((one) => [one.name, one] as const))("%s: languages as in Hugging Face's library", async (_, one) => {
  const tokenizer = await tokenizerOf(filesOf(one));
  let last = tokenizer;
  for (const [language, text, ids] of one.rows) {
    last = language === null ? tokenizer : tokenizer.inLanguage(language);
    expect({ language, text, ids: last.encode(text).ids }).toEqual({ language, text, ids });
  }
  for (const [language, id] of Object.entries(one.ids)) expect(tokenizer.languageId(language)).toBe(id);
  expect(last.encode("the test", { pair: "of words" }).ids).toEqual(one.pair);
  // Where special_tokens_map.json doesn't list them, as the hub's do, Hugging Face's library leaves M2M-100's language tokens in the text.
  const decoded = tokenizer.decode(tokenizer.encode(one.rows[0]?.[1] ?? "").ids, { skipSpecialTokens: true });
  expect(decoded).toBe(one.decoded.replace(/^__[a-z]+__/, ""));
  expect(() => tokenizer.languageId("xx")).toThrow('it has no language "xx"; it has ');
  expect(() => tokenizer.inLanguage("</s>")).toThrow("it has no language");
});

test("a tokenizer of one language has no others, and is asked for none", async () => {
  const [roberta] = cases;
  const files = filesOf(roberta as Case);
  const tokenizer = await tokenizerOf(files);
  expect(() => tokenizer.inLanguage("fr")).toThrow('it has no language "fr"');
  await expect(tokenizerOf({ ...files, "tokenizer_config.json": { src_lang: "fr" } })).rejects.toThrow('src_lang is "fr"');
});
