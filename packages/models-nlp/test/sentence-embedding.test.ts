import { readFile } from "node:fs/promises";
import { init, intTensor, liveBytes, noGrad, tensor, type Tensor } from "@x/layers";
import { encodeSafetensors } from "@x/layers/save";
import { expectClose } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { BertEncoder, type PoolingMode, SentenceEncoder } from "../src/index.ts";
import { poolTokens } from "../src/sentence-embedding/pooling.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());

const tokens = [
  [[1, -2], [3, 5], [100, 100]], // prettier-ignore
  [[-1, 4], [2, 0], [6, -7]], // prettier-ignore
];
const mask = [
  [1, 1, 0],
  [1, 1, 1],
];
const pool = (modes: readonly PoolingMode[]): Tensor => poolTokens(tensor(tokens), intTensor(mask), modes);

test.each([
  ["cls", [[1, -2], [-1, 4]]], // prettier-ignore
  ["lasttoken", [[3, 5], [6, -7]]], // prettier-ignore
  ["max", [[3, 5], [6, 4]]], // prettier-ignore
  ["mean", [[2, 1.5], [7 / 3, -1]]], // prettier-ignore
  ["mean_sqrt_len_tokens", [[4 / Math.SQRT2, 3 / Math.SQRT2], [7 / Math.sqrt(3), -3 / Math.sqrt(3)]]], // prettier-ignore
  ["weightedmean", [[7 / 3, 8 / 3], [21 / 6, -17 / 6]]], // prettier-ignore
] as const)("%s of the tokens that aren't padding", (mode, expected) => {
  noGrad(() => {
    expectClose(pool([mode]).toTypedArray(), expected.flat(), "values", 1e-6);
    const both = pool([mode, "cls"]);
    expect(both.shape).toEqual([2, 4]);
    expectClose(both.data.slice(0, 4), [...expected[0], 1, -2], "values", 1e-6);
  });
});

// As sentence-transformers 6.2 has it: of "weightedmean" places count from the text's beginning, prompt and all.
test.each([
  ["cls", [[3, 5], [2, 0]]], // prettier-ignore
  ["lasttoken", [[3, 5], [6, -7]]], // prettier-ignore
  ["max", [[3, 5], [6, 0]]], // prettier-ignore
  ["mean", [[3, 5], [4, -3.5]]], // prettier-ignore
  ["mean_sqrt_len_tokens", [[3, 5], [8 / Math.SQRT2, -7 / Math.SQRT2]]], // prettier-ignore
  ["weightedmean", [[3, 5], [22 / 5, -21 / 5]]], // prettier-ignore
] as const)("%s of the tokens behind a prompt that doesn't count", (mode, expected) => {
  noGrad(() => expectClose(poolTokens(tensor(tokens), intTensor(mask), [mode], 1).toTypedArray(), expected.flat(), "values", 1e-6));
});

type Files = Map<string, Uint8Array<ArrayBuffer>>;
const text = (json: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(json));

/** A repository as sentence-transformers writes it, around the golden BERT. */
async function repository(modules: readonly string[], files: Readonly<Record<string, unknown>>): Promise<Files> {
  const read = async (name: string) => new Uint8Array(await readFile(`${goldenFolder("bert")}/${name}`));
  return new Map([
    ["config.json", await read("config.json")],
    ["model.safetensors", await read("model.safetensors")],
    [
      "modules.json",
      text(modules.map((path, idx) => ({ idx, path, type: `sentence_transformers.models.${path.split("_")[1] ?? "Transformer"}` }))),
    ],
    ...Object.entries(files).map(([name, content]) => [name, content instanceof Uint8Array ? content : text(content)] as const),
  ] as readonly (readonly [string, Uint8Array<ArrayBuffer>])[]);
}

const sentence = () => ({ inputIds: intTensor([[4, 7, 9, 0]]), attentionMask: intTensor([[1, 1, 1, 0]]) });

test("a repository's pooling, dense layer and normalization are followed", async () => {
  const dense = { in_features: 24, out_features: 2, bias: true, activation_function: "torch.nn.modules.activation.Tanh" };
  const weight = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i));
  const bias = Float32Array.of(0.5, -0.25);
  const blob = encodeSafetensors(
    new Map([
      ["linear.weight", { shape: [2, 24], view: () => weight }],
      ["linear.bias", { shape: [2], view: () => bias }],
    ]),
  );
  const weights = new Uint8Array(await blob.arrayBuffer());
  const files = await repository(["", "1_Pooling", "2_Dense", "3_Normalize"], {
    "1_Pooling/config.json": { word_embedding_dimension: 24, pooling_mode_cls_token: false, pooling_mode_mean_tokens: true },
    "2_Dense/config.json": dense,
    "2_Dense/model.safetensors": weights,
    "sentence_bert_config.json": { max_seq_length: 12, do_lower_case: false },
    "config_sentence_transformers.json": { prompts: { query: "query: " } },
  });
  const before = liveBytes();
  {
    using model = await SentenceEncoder.fromPretrained(files);
    expect([model.pooling, model.normalizes, model.maxLength, model.prompts]).toEqual([["mean"], true, 12, { query: "query: " }]);
    using bert = await BertEncoder.fromPretrained(files);
    noGrad(() => {
      const rows = (bert.encode(sentence()).toArray() as number[][][])[0] ?? [];
      const mean = Array.from({ length: 24 }, (_, d) => rows.slice(0, 3).reduce((sum, row) => sum + (row[d] ?? 0) / 3, 0));
      const y = [0.5, -0.25].map((first, o) => Math.tanh(mean.reduce((sum, value, d) => sum + value * (weight[o * 24 + d] ?? 0), first)));
      const length = Math.hypot(...y);
      expectClose(
        model.forward(sentence()).data,
        y.map((value) => value / length),
      );
    });
  }
  expect(liveBytes()).toBe(before);
});

test("without modules.json: the mean, as it is", async () => {
  const files = await repository([], {});
  files.delete("modules.json");
  using model = await SentenceEncoder.fromPretrained(files);
  expect([model.pooling, model.normalizes, model.maxLength]).toEqual([["mean"], false, 20]);
});

test("the later form of the pooling's config", async () => {
  using model = await SentenceEncoder.fromPretrained(
    await repository(["", "1_Pooling"], { "1_Pooling/config.json": { pooling_mode: ["cls", "max"] } }),
  );
  expect(model.pooling).toEqual(["cls", "max"]);
  noGrad(() => expect(model.forward(sentence()).shape).toEqual([1, 48]));
});

test.each([
  [
    ["", "1_Pooling"],
    { "config_sentence_transformers.json": { similarity_fn_name: "jaccard" } },
    "similarity_fn_name (expected cosine, dot",
  ],
  [["", "1_WordWeights"], {}, "the repository has a module that isn't known here"],
  [["", "1_Pooling"], { "1_Pooling/config.json": { pooling_mode_median: true } }, "the pooling isn't known here"],
  [["", "../1_Pooling"], {}, "must stay inside its folder"],
] as const)("%j: refused", async (modules, files, message) => {
  await expect(SentenceEncoder.fromPretrained(await repository(modules, files))).rejects.toThrow(message);
});

test("a dense layer that can't be read frees the encoder", async () => {
  const files = await repository(["", "1_Dense"], { "1_Dense/config.json": { in_features: 24, out_features: 2 } });
  const before = liveBytes();
  await expect(SentenceEncoder.fromPretrained(files)).rejects.toThrow();
  expect(liveBytes()).toBe(before);
});
