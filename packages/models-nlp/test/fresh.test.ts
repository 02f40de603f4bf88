/** Models from checkpoints that were trained for something else: what those lack is made anew, as in Hugging Face's library (huggingface/transformers#8887, #8793). */
import { readFile } from "node:fs/promises";
import { CheckpointError, init, Rng, tensor } from "@x/layers";
import type { PretrainedModel } from "@x/layers/model";
import {
  Bert,
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  FNetForQuestionAnswering,
  FNetForSequenceClassification,
  SentenceEncoder,
} from "@x/models-nlp";
import { beforeAll, expect, test } from "vitest";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());

/** What stands in memory that is given back. */
function leaveSevens(): void {
  for (const one of Array.from({ length: 64 }, (_, i) => tensor(new Float32Array(i * 32 + 1).fill(7), [i * 32 + 1]))) one.dispose();
}

const pooler = ["pooler.dense.bias", "pooler.dense.weight"];
const classifier = ["classifier.bias", "classifier.weight"];
const qaOutputs = ["qaOutputs.bias", "qaOutputs.weight"];
const predictions = [
  "predictions.bias",
  "predictions.norm.bias",
  "predictions.norm.weight",
  "predictions.transform.bias",
  "predictions.transform.weight",
];

// The names are those that transformers 5.24 tells as newly initialised, with its own `bert.pooler.dense.weight` for `pooler.dense.weight`.
test.each([
  [BertForSequenceClassification, "bert_masked_lm", [...pooler, ...classifier]],
  [BertForSequenceClassification, "bert", classifier],
  [BertForTokenClassification, "bert_masked_lm", classifier],
  [BertForQuestionAnswering, "bert_sequence", qaOutputs],
  [BertForNextSentencePrediction, "bert_sequence", ["nextSentence.bias", "nextSentence.weight"]],
  [BertForMaskedLM, "bert_sequence", predictions],
  [BertForPreTraining, "bert_masked_lm", [...pooler, "nextSentence.bias", "nextSentence.weight"]],
  [Bert, "bert_masked_lm", pooler],
  [FNetForSequenceClassification, "fnet_question", classifier],
  [FNetForQuestionAnswering, "fnet_masked_lm", qaOutputs],
] as const)("%o of %s", async (Kind, folder, names) => {
  const kind: { fromPretrained(where: string, options: object): Promise<PretrainedModel<object>> } = Kind;
  const load = async (): Promise<ReadonlyMap<string, Float32Array>> => {
    leaveSevens();
    using model = await kind.fromPretrained(goldenFolder(folder), { rng: new Rng(3) });
    const [note = "", ...others] = model.notes.filter((text) => text.includes("initialised anew"));
    expect(others).toEqual([]);
    const told = [...note.matchAll(/[\w.]+\.(weight|bias)/g)].map(([name]) => name);
    expect(told.toSorted()).toEqual(names.toSorted());
    return new Map(names.map((name) => [name, model.namedParameters().get(name)?.toTypedArray() ?? new Float32Array([NaN])]));
  };
  const [first, second] = [await load(), await load()];
  expect(second).toEqual(first);
  for (const [name, values] of first) {
    const [mean, square] = [values.reduce((sum, x) => sum + x, 0), values.reduce((sum, x) => sum + x * x, 0)].map(
      (sum) => sum / values.length,
    );
    if (name.endsWith("bias")) expect(new Set(values)).toEqual(new Set([0]));
    else if (name.includes("norm")) expect(new Set(values)).toEqual(new Set([1]));
    else expect([Math.abs(mean ?? NaN) < 0.01, Math.sqrt(square ?? NaN)]).toEqual([true, expect.closeTo(0.02, 2)]);
  }
});

const files = async (folder: string, more: object): Promise<Map<string, Uint8Array<ArrayBuffer>>> => {
  const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await readFile(`${goldenFolder(folder)}/${name}`));
  const config: object = JSON.parse(new TextDecoder().decode(await read("config.json")));
  return new Map([
    ["config.json", new TextEncoder().encode(JSON.stringify({ ...config, ...more }))],
    ["model.safetensors", await read("model.safetensors")],
  ]);
};

test.each([
  [{}, 2],
  [{ num_labels: 5 }, 5],
  [{ id2label: { 0: "bad", 1: "so so", 2: "good" } }, 3],
])("a base's config tells how many classes a new head has, as in Hugging Face's library: %j", async (more, count) => {
  using model = await BertForTokenClassification.fromPretrained(await files("bert_masked_lm", { id2label: undefined, ...more }));
  expect(model.classifier.weight.shape[0]).toBe(count);
  expect(Object.keys(model.config.id2label)).toHaveLength(count);
});

test.each([Bert, BertForMaskedLM, SentenceEncoder])("%o that lacks a layer is refused", async (Kind) => {
  const kind: { fromPretrained(where: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<unknown> } = Kind;
  const deeper = await files("bert", { num_hidden_layers: 3 });
  await expect(kind.fromPretrained(deeper)).rejects.toThrow(CheckpointError);
  await expect(kind.fromPretrained(deeper)).rejects.toThrow("blocks.2.mixer.qkv.weight");
});
