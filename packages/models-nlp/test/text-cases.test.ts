/**
 * Situations from public bug reports about texts, with what transformers 5.24 and sentence-transformers 6.2 make of them: tiny models in golden/cases, whose other
 * files each test says.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type FileBytes, init, intTensor, noGrad } from "@x/layers";
import { openSource } from "@x/layers/model";
import {
  Bert,
  BertForMaskedLM,
  BertForTokenClassification,
  classifyText,
  embedText,
  type EmbedTextOptions,
  fillMask,
  fillMasks,
  SentenceEncoder,
  tagTokens,
} from "@x/models-nlp";
import { beforeAll, describe, expect, test } from "vitest";
import { readModules } from "../src/sentence-embedding/modules.ts";
import { expectClose } from "@x/testing";

interface Expected {
  readonly beside: { texts: string[]; ids: number[][]; first: number[] };
  readonly entities: {
    text: string;
    stride: number;
    "entities of every folder": [label: string, begin: number, end: number, probability: number][];
  };
  readonly moreRows: { text: string; answers: { id: number; token: string; probability: number; text: string }[] };
  readonly twoMasks: { text: string; answers: { id: number; probability: number }[][] };
  readonly lowerCased: Record<string, number[]>;
  readonly settings: Record<"default-prompt" | "prompt-not-pooled" | "truncate-dim", Record<string, number[]>>;
  readonly empty: Record<string, Record<string, number[]>>;
}

const folder = new URL("../golden/cases/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Expected;

type Files = Readonly<Record<string, object>>;

/** A model's files, and others beside them. */
function beside(name: string, files: Files): Map<string, FileBytes> {
  const own = readdirSync(new URL(name, folder)).map(
    (file) => [file, new Uint8Array(readFileSync(new URL(`${name}/${file}`, folder)))] as const,
  );
  const more = Object.entries(files).map(([file, json]) => [file, new TextEncoder().encode(JSON.stringify(json))] as const);
  return new Map<string, FileBytes>([...own, ...more]);
}

beforeAll(() => init());

describe("lengths come from the tokenizer, from max_len, or from the model's positions", () => {
  test.each([
    ["model_max_length", { model_max_length: 24 }],
    ["1e30 (huggingface/transformers#15177)", { model_max_length: 1e30 }],
    ["nothing (TheophileBlard/french-sentiment-analysis-with-bert#14)", {}],
    ["max_len (kamalkraj/BERT-NER#77)", { max_len: 24 }],
  ])("%s", async (_, config) => {
    const { text, stride, "entities of every folder": right } = expected.entities;
    using model = await BertForTokenClassification.fromPretrained(
      beside("entities", { "tokenizer_config.json": { do_lower_case: true, ...config } }),
    );
    const found = await tagTokens(model, text, { stride });
    expect(found.map(({ label, begin, end }) => [label, begin, end])).toEqual(right.map(([label, begin, end]) => [label, begin, end]));
    expectClose(
      found.map(({ probability }) => probability),
      right.map(([, , , probability]) => probability),
      "probabilities",
      1e-4,
    );
    await expect(tagTokens(model, text)).rejects.toThrow("the text is 62 tokens long, but at most 24 are allowed");
    expect((await tagTokens(model, text, { truncation: "first", maxLength: 1000 })).length).toBeGreaterThan(0);
  });
});

test("more rows than words (dbmdz/berts#7): the candidate without a word has an empty token", async () => {
  using model = await BertForMaskedLM.fromPretrained(beside("more-rows", { "tokenizer_config.json": { do_lower_case: true } }));
  const found = await fillMask(model, expected.moreRows.text);
  for (const [i, { probability, ...right }] of expected.moreRows.answers.entries()) {
    const { probability: own, ...rest } = found[i] ?? { probability: -1 };
    expect(rest).toEqual(right);
    expect(own).toBeCloseTo(probability, 4);
  }
  const long = `${"hello ".repeat(30)}[MASK]`;
  await expect(fillMask(model, long, { truncation: "first" })).rejects.toThrow(
    /must have one \[MASK\], but ".{100}" has 0 in the 24 tokens that truncation leaves/,
  );
});

test("several masks in a text (huggingface/transformers#10158): a list for each, the others staying in its texts", async () => {
  using model = await BertForMaskedLM.fromPretrained(beside("two-masks", {}));
  const { text, answers } = expected.twoMasks;
  const found = await fillMasks(model, text);
  const rounded = found.map((list) => list.map(({ id, probability }) => ({ id, probability: Number(probability.toFixed(5)) })));
  expect(rounded).toEqual(answers);
  const [[first], [second]] = found as [(typeof found)[0], (typeof found)[0]];
  expect(first.text).toBe(`${first.token} is the [MASK] in paris`);
  expect(second.text).toMatch(/^\[MASK\] is the .+ in paris$/);
  await expect(fillMask(model, text)).rejects.toThrow("must have one [MASK]; fillMasks fills several");
  await expect(fillMasks(model, "the sea")).rejects.toThrow("must have a [MASK]");
});

test.each<unknown>([null, undefined, 5, [null], [["a"]], [["a", "b", "c"]], [["a", null]], [5]])(
  "%j is no text: one line says what was expected",
  async (value) => {
    using model = await BertForMaskedLM.fromPretrained(beside("more-rows", { "tokenizer_config.json": { do_lower_case: true } }));
    const classifier = { tokenizer: model.tokenizer, config: { id2label: {} }, forward: () => expect.fail("it was run") };
    await expect(classifyText(classifier, value as string)).rejects.toThrow(
      /^classifyText: (it takes a string or|text 0 should|the second text of pair 0 should|pair 0 should hold)/,
    );
    if (!Array.isArray(value?.[0 as never]))
      await expect(fillMask(model, value as unknown as string)).rejects.toThrow(/^fillMask: (it takes|text 0 should)/);
  },
);

const pooling = { word_embedding_dimension: 16, pooling_mode_mean_tokens: true };
const usual: Files = {
  "tokenizer_config.json": { tokenizer_class: "BertTokenizer", do_lower_case: false, model_max_length: 24 },
  "sentence_bert_config.json": { max_seq_length: 24, do_lower_case: false },
  "1_Pooling/config.json": pooling,
};
const encoder = (files: Files): Promise<SentenceEncoder> => SentenceEncoder.fromPretrained(beside("sentence", { ...usual, ...files }));

async function expectVectors(files: Files, rows: Readonly<Record<string, number[]>>, options?: EmbedTextOptions): Promise<void> {
  using model = await encoder(files);
  const texts = Object.keys(rows);
  for (const [i, vector] of (await embedText(model, texts, options)).entries())
    expectClose(vector, rows[texts[i] ?? ""] ?? [], "vector", 2e-6);
}

describe("sentence-transformers' settings", () => {
  const query = { prompts: { query: "query: ", document: "passage: " }, default_prompt_name: "query" };
  const settings = (json: object): Files => ({ "config_sentence_transformers.json": json });

  test("do_lower_case over a cased tokenizer (vllm-project/vllm#11184)", () =>
    expectVectors({ "sentence_bert_config.json": { max_seq_length: 24, do_lower_case: true } }, expected.lowerCased));

  test("a default prompt (huggingface/sentence-transformers#2477), and a call that says another", async () => {
    await expectVectors(settings(query), expected.settings["default-prompt"]);
    await expectVectors(settings({ ...query, default_prompt_name: null }), expected.settings["default-prompt"], { prompt: "query: " });
    using model = await encoder(settings(query));
    using bare = await encoder({});
    expect(await embedText(model, "paris", { prompt: "" })).toEqual(await embedText(bare, "paris"));
    expect([model.defaultPrompt, model.prompts["document"]]).toEqual(["query: ", "passage: "]);
  });

  test("a prompt that isn't pooled (huggingface/text-embeddings-inference#244)", () =>
    expectVectors(
      { ...settings(query), "1_Pooling/config.json": { ...pooling, include_prompt: false } },
      expected.settings["prompt-not-pooled"],
    ));

  test("truncate_dim (huggingface/transformers.js#810)", () =>
    expectVectors(settings({ truncate_dim: 4 }), expected.settings["truncate-dim"]));

  test.each(Object.keys(expected.empty))("a text of no tokens: %s (flairNLP/flair#152)", async (mode) => {
    const files = beside("sentence", {
      ...usual,
      "1_Pooling/config.json": { word_embedding_dimension: 16, [`pooling_mode_${mode}`]: true },
    });
    files.set("tokenizer.json", files.get("bare-tokenizer.json") as FileBytes);
    files.set(
      "tokenizer_config.json",
      new TextEncoder().encode(JSON.stringify({ tokenizer_class: "PreTrainedTokenizerFast", pad_token: "[PAD]" })),
    );
    using model = await SentenceEncoder.fromPretrained(files);
    const rows = expected.empty[mode] ?? {};
    const vectors = await embedText(model, Object.keys(rows));
    for (const [i, vector] of Object.values(rows).entries()) expectClose(vectors[i] ?? [], vector, "vector", 2e-6);
    expect((await embedText(model, "")).every((value) => value === 0)).toBe(true);
  });

  const module = (kind: string, idx: number) => ({
    idx,
    name: `${idx}`,
    path: idx === 0 ? "" : `${idx}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  });
  const modules = (...kinds: string[]): Files => ({ "modules.json": kinds.map(module) });
  test.each<[Files, RegExp]>([
    [settings({ default_prompt_name: "foo", prompts: {} }), /default_prompt_name \(expected one of/],
    [settings({ prompts: { query: 5 } }), /prompts \(expected texts/],
    [settings({ truncate_dim: 0.5 }), /truncate_dim/],
    [settings({ model_type: "SparseEncoder" }), /model_type is "SparseEncoder"/],
    [{ "sentence_bert_config.json": { max_seq_length: 1.5 } }, /max_seq_length/],
    [{ "sentence_bert_config.json": { model_args: { attn_implementation: "x" } } }, /model_args/],
    [{ "sentence_bert_config.json": { transformer_task: "text-generation" } }, /transformer_task is "text-generation"/],
    [{ "sentence_bert_config.json": { modality_config: { image: { method: "forward" } } } }, /modality_config asks for more/],
    [{ "1_Pooling/config.json": { pooling_mode: "median" } }, /the pooling isn't known here/],
    [{ "1_Pooling/config.json": { ...pooling, include_prompt: "no" } }, /include_prompt/],
    [modules("Transformer"), /an order that isn't known here.*found Transformer/],
    [modules("Transformer", "Pooling", "Normalize", "Dense"), /stand in an order/],
    [modules("Transformer", "Pooling", "LayerNorm"), /a module that isn't known here.*LayerNorm/],
    [
      { "modules.json": [{ idx: 0, name: "0", path: "", type: "custom_st.Transformer" }] },
      /a module that isn't known here.*custom_st\.Transformer/,
    ],
    [{ "modules.json": [null] }, /should list modules with a type and a path/],
    [{ "modules.json": [{ type: 5, path: "" }] }, /should list modules/],
    [{ "modules.json": {} }, /is not a list/],
  ])("%j is refused", async (files, message) => {
    const needed = {
      "2_Dense/config.json": { in_features: 16, out_features: 2 },
      "3_Dense/config.json": { in_features: 16, out_features: 2 },
    };
    await expect(openSource(beside("sentence", { ...usual, ...needed, ...files })).then(readModules)).rejects.toThrow(message);
  });

  test("what sentence-transformers 6 writes is followed, and what isn't known is noted", async () => {
    const source = await openSource(
      beside("sentence", {
        ...usual,
        "modules.json": [
          { idx: 0, name: "0", path: "", type: "sentence_transformers.base.modules.transformer.Transformer" },
          { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.sentence_transformer.modules.pooling.Pooling" },
          { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.base.modules.normalize.Normalize" },
        ],
        "sentence_bert_config.json": {
          transformer_task: "feature-extraction",
          modality_config: { text: { method: "forward", method_output_name: "last_hidden_state" } },
          module_output_name: "token_embeddings",
        },
        "1_Pooling/config.json": { embedding_dimension: 16, pooling_mode: "cls", include_prompt: true },
        "2_Normalize/config.json": { module_input_name: "sentence_embedding", module_output_name: "sentence_embedding", power: 2 },
        "config_sentence_transformers.json": {
          __version__: {},
          prompts: { query: "" },
          default_prompt_name: null,
          similarity_fn_name: "cosine",
        },
      }),
    );
    const {
      settings: { pooling: modes, normalizes, maxLength },
      notes,
    } = await readModules(source);
    expect([modes, normalizes, maxLength, notes]).toEqual([
      ["cls"],
      true,
      undefined,
      [`config.json of Normalize: "power" isn't known here and was passed over`],
    ]);
  });
});

describe("entries that no part of a model takes (colbert-ir/colbertv2.0)", () => {
  test("of a module of their own they are passed over, with a note", async () => {
    using model = await Bert.fromPretrained(beside("beside", {}));
    const { texts, ids, first } = expected.beside;
    expect(model.notes).toEqual(["no part of the model takes the checkpoint's linear.weight: passed over"]);
    expect(texts.map((text) => model.tokenizer?.encode(text).ids)).toEqual(ids);
    using inputIds = intTensor(Int32Array.from(ids[0] ?? []), [1, ids[0]?.length ?? 0]);
    noGrad(() => expectClose(model.encode({ inputIds }).toTypedArray().subarray(0, 16), Float32Array.from(first)));
  });

  test("and refused where strictness is asked for, or where they lie in a module of the model", async () => {
    await expect(Bert.fromPretrained(beside("beside", {}), { strict: true })).rejects.toThrow("1 unexpected: linear.weight");
    const inside = "bert.encoder.layer.0.adapter.weight";
    const loading = Bert.fromPretrained(beside("beside", {}), { rename: { "linear.weight": inside } });
    await expect(loading).rejects.toThrow(`1 unexpected: ${inside}`);
  });
});
