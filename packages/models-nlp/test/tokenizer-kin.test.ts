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
const filesOf = ({ files }: Case) =>
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
