/** What files beside a model may say: the tables that readers check against are the tables in the docs, and know what the reference's own sources know. */
import { checkKeys, type KeyTable, keyTableText, sortKeys } from "@x/layers/model";
import { describe, expect, test } from "vitest";
import { metadataKeys } from "../src/colbert/metadata-keys.ts";
import { generationKeys } from "../src/generation/generation-keys.ts";
import {
  denseKeys,
  modulesKeys,
  normalizeKeys,
  poolingKeys,
  settingsKeys,
  transformerKeys,
} from "../src/sentence-embedding/module-keys.ts";
import { japaneseConfigKeys, specialTokensMapKeys, tokenizerConfigKeys } from "../src/tokenizer/files/tokenizer-config.ts";
import { componentKeys, tokenizerJsonKeys } from "../src/tokenizer/stages/component-keys.ts";
import { goldenJson } from "./tokenizer-golden.ts";

const components = Object.values(componentKeys).flatMap((parts) => Object.values(parts));
const sections: Readonly<Record<string, readonly KeyTable[]>> = {
  "Tokenizers: what lies beside the vocabulary": [tokenizerConfigKeys, japaneseConfigKeys, specialTokensMapKeys],
  "Tokenizers: tokenizer.json and its parts": [tokenizerJsonKeys, ...components],
  Generation: [generationKeys],
  "sentence-transformers": [modulesKeys, settingsKeys, transformerKeys, poolingKeys, denseKeys, normalizeKeys],
  ColBERT: [metadataKeys],
};

const introduction = `# What files that come with texts may say

Written by \`packages/models-nlp/test/file-keys.test.ts\` from the tables that the readers check against; \`npm test -- file-keys -u\` writes it anew.

Every key of a file is followed, passed over for a reason, or refused by name. What isn't in a table is passed over with a note (\`tokenizer.notes\`,
\`SentenceEncoder.notes\`); in \`generation_config.json\`, where Hugging Face's library does nothing with it either, without. null, an empty list and an
empty object are never refused. What a tokenizer's files or \`generation_config.json\` ask for in vain costs that part, not the model: \`model.tokenizer\` or
\`model.generation\` throws, with the reason, until another is put there. \`added_tokens.json\` has tokens for keys and ids for values; \`vocab.txt\` and \`merges.txt\` have no keys. Of a SentencePiece model the pieces, their scores and kinds,
\`model_type\`, \`byte_fallback\`, \`unk_surface\`, the character map, \`add_dummy_prefix\`, \`remove_extra_whitespaces\` and \`escape_whitespaces\` are followed; word and character
models, \`treat_whitespace_as_suffix\` and a denormalizer are refused; the rest of its fields say how it was trained.

## Two files that contradict each other

As Hugging Face's library does it, checked by running it (\`tools/reference/tokenizer_files.py\`):

- BERT's classes (\`tokenizer_class\` in \`tokenizer_config.json\`, then in \`config.json\`, then its \`model_type\`) take the vocabulary and the added tokens from
  \`tokenizer.json\`, and lower-casing, accents and Chinese characters from \`tokenizer_config.json\`, whose silence means lower case. RoBERTa's (BART's, Longformer's, LED's), GPT-2's, CLIP's, MPNet's, XLM-RoBERTa's, CamemBERT's, ALBERT's, Gemma's, SigLIP 2's and T5's classes take the vocabulary and the added
  tokens, too, and have stages of their own; a note tells where the file's are others. Other classes, and none, take \`tokenizer.json\` as it is.
- \`added_tokens_decoder\` in \`tokenizer_config.json\` is heeded instead of \`special_tokens_map.json\`, \`added_tokens.json\` and, of BERT's classes, the added tokens of
  \`tokenizer.json\`. Without it \`special_tokens_map.json\` has the last word.
- An added token that isn't in the vocabulary gets the first free id behind it, whatever id its file says; a note tells when they differ.
- \`generation_config.json\` is read instead of what an older \`config.json\` says about generation, not beside it.

## Limits

| | most | beyond it |
|---|---|---|
| a text while it is prepared | 32 times what came, and 10 000 characters | TokenizerError |
| a token of a vocabulary, an added token | 1000 characters | TokenizerError |
| a regular expression | 10 000 characters, 2000 steps when compiled, repeats of 1000, groups 100 deep; it is followed in time linear in the text | TokenizerError |
| parts of \`tokenizer.json\` | 1000, nested 32 deep | TokenizerError |
| merges | 2 097 152 | TokenizerError |
| beams | 256 | TensorError |
| tokens written | the model's positions, and 65 536 | TensorError |
`;

test("docs/files.md has the tables", async () => {
  const text = Object.entries(sections).map(([title, tables]) => `## ${title}\n\n${tables.map(keyTableText).join("\n")}`);
  await expect([introduction, ...text].join("\n")).toMatchFileSnapshot("../../../docs/files.md");
});

describe("each key that the reference knows is in a table", () => {
  const known = goldenJson<Readonly<Record<string, string[]>>>("known-keys.json");
  const tables: Readonly<Record<string, KeyTable>> = {
    generation: generationKeys,
    tokenizer: tokenizerConfigKeys,
    pooling: poolingKeys,
    dense: denseKeys,
    normalize: normalizeKeys,
    transformer: transformerKeys,
    settings: settingsKeys,
    ...Object.fromEntries(components.map((table) => [table.file, table])),
  };
  test.each(Object.keys(known))("%s", (name) => {
    const table = tables[name];
    if (!table) throw new Error(`no table ${name}`);
    const json = Object.fromEntries((known[name] ?? []).map((key) => [key, null]));
    expect(checkKeys(json, table, (message) => new Error(message))).toEqual([]);
  });
});

test("a key is refused unless its value changes nothing", () => {
  const table: KeyTable = {
    file: "a.json",
    followed: ["size"],
    passedOver: { "it is late": ["when"] },
    refused: { how: { unless: [1], because: "no" } },
  };
  const check = (json: object): string[] => checkKeys(json as Record<string, never>, table, (message) => new TypeError(message));
  for (const how of [1, null, [], {}]) expect(check({ size: 1, when: 2, how })).toEqual([]);
  expect(() => check({ how: 2 })).toThrow(new TypeError("a.json: how is 2, which can't be followed: no"));
  expect(check({ why: 1 })).toEqual(['a.json: "why" isn\'t known here and was passed over']);
  expect(keyTableText(table)).toContain("| refused unless 1 | `how` | no |");
});

test("each key has one place, inner ones after a dot", () => {
  const inner: KeyTable = { file: "a.json: inner", followed: ["size"] };
  const table: KeyTable = {
    file: "a.json",
    followed: ["*_token", "constructor"],
    passedOver: { "it is late": ["when"] },
    refused: { how: { unless: [1], because: "no" } },
    nested: { inner },
  };
  const json = { pad_token: "x", when: 1, how: 2, why: 3, toString: 4, inner: { size: 1, colour: 2 } };
  const sorted = [...sortKeys(json, table)].map(({ path, does, because }) => [path, does, because]);
  expect(sorted).toEqual([
    ["pad_token", "followed", ""],
    ["when", "passed over", "it is late"],
    ["how", "refused", "no"],
    ["why", "unknown", ""],
    ["toString", "unknown", ""],
    ["inner.size", "followed", ""],
    ["inner.colour", "unknown", ""],
  ]);
  expect([...sortKeys({ how: 1, inner: null }, table)].map(({ does }) => does)).toEqual(["passed over", "followed"]);
});
