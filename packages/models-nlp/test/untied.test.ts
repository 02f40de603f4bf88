/**
 * Output layers for words that have weights of their own, although config.json doesn't say so (huggingface/transformers#42612): golden/untied, written by
 * tools/reference/untied.py.
 */
import { readdirSync, readFileSync } from "node:fs";
import { init, intTensor, noGrad } from "@x/layers";
import {
  BertForMaskedLM,
  DistilBertForMaskedLM,
  ElectraForMaskedLM,
  FNetForMaskedLM,
  M2M100,
  Marian,
  MPNetForMaskedLM,
  RobertaForMaskedLM,
} from "@x/models-nlp";
import { expectClose, inFolder } from "@x/testing";
import { beforeAll, expect, test } from "vitest";

const folder = new URL("../golden/untied/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as {
  input_ids: number[];
  logits: Record<string, number[]>;
};
type Where = string | Map<string, Uint8Array>;
const loaders = {
  bert: (where: Where) => BertForMaskedLM.fromPretrained(where),
  fnet: (where: Where) => FNetForMaskedLM.fromPretrained(where),
  roberta: (where: Where) => RobertaForMaskedLM.fromPretrained(where),
  mpnet: (where: Where) => MPNetForMaskedLM.fromPretrained(where),
  distilbert: (where: Where) => DistilBertForMaskedLM.fromPretrained(where),
  electra: (where: Where) => ElectraForMaskedLM.fromPretrained(where),
};
const files = (name: string, said: object = {}): Map<string, Uint8Array> => {
  const own = readdirSync(new URL(name, folder)).map(
    (file) => [file, new Uint8Array(readFileSync(new URL(`${name}/${file}`, folder)))] as const,
  );
  const config = JSON.parse(readFileSync(new URL(`${name}/config.json`, folder), "utf8")) as object;
  return new Map([...own, ["config.json", new TextEncoder().encode(JSON.stringify({ ...config, ...said }))]]);
};
const ids = () => intTensor(expected.input_ids, [1, expected.input_ids.length]);
const lastOf = (logits: { toTypedArray(): Float32Array }): Float32Array => logits.toTypedArray().slice(-40);

beforeAll(() => init());

test.each(Object.entries(loaders))("%s: both matrices are used, as in Hugging Face's library, and a note says so", async (name, load) => {
  for (const said of [{}, { tie_word_embeddings: true }, { tie_word_embeddings: false }]) {
    using model = await load(files(name, said));
    noGrad(() => expectClose(lastOf(model.forward({ inputIds: ids() })), expected.logits[name] ?? [], name));
    const told = model.notes.some((note) => note.includes("differ in the checkpoint"));
    expect(told).toBe(said.tie_word_embeddings !== false);
    await inFolder(async (saved) => {
      await model.savePretrained(saved);
      using again = await load(saved);
      noGrad(() => expectClose(lastOf(again.forward({ inputIds: ids() })), expected.logits[name] ?? [], name));
    });
  }
});

test.each([
  ["marian", Marian],
  ["m2m_100", M2M100],
] as const)("%s: encoder, decoder and output layer have a matrix each, and a saved model, too", async (name, Class) => {
  const expectLogits = (model: Marian | M2M100): void =>
    noGrad(() => expectClose(lastOf(model.forward({ inputIds: ids() }, { inputIds: ids() })), expected.logits[name] ?? [], name));
  using model = await Class.fromPretrained(files(name));
  expectLogits(model);
  expect(model.notes.join()).toContain("model.shared.weight and lm_head.weight differ");
  await inFolder(async (saved) => {
    await model.savePretrained(saved);
    using again = await Class.fromPretrained(saved);
    expectLogits(again);
    expect(again.notes).toEqual([]);
  });
});
