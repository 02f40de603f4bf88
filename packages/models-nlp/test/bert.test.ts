import { readFile } from "node:fs/promises";
import { AdamW, backward, crossEntropy, intTensor, noGrad, scope, type Tensor } from "@x/layers";
import { expectClose } from "@x/testing";
import { expect, test } from "vitest";
import {
  Bert,
  type BertConfig,
  bertDefaults,
  BertForMaskedLM,
  BertForPreTraining,
  BertForSequenceClassification,
  bertPreset,
} from "../src/index.ts";
import { goldenFolder, inputsOf, readGolden } from "./golden.ts";

const tiny: Partial<BertConfig> = {
  vocabSize: 40,
  hiddenSize: 12,
  numHiddenLayers: 2,
  intermediateSize: 20,
  maxPositionEmbeddings: 10,
  numAttentionHeads: 3,
};
const ids = (...rows: number[][]): Tensor<"int32"> => intTensor(rows);

test("the fixture of transformers 5.18", async () => {
  using model = await BertForPreTraining.fromPretrained(goldenFolder("bert_fixture"));
  const io = JSON.parse(await readFile(`${goldenFolder("bert_fixture")}/io.json`, "utf8"));
  const read = (key: string): Tensor<"int32"> => intTensor(io[key].data.flat(3), io[key].shape);
  noGrad(() => {
    const text = { inputIds: read("input_ids"), tokenTypeIds: read("token_type_ids"), attentionMask: read("attention_mask") };
    const { wordLogits, nextSentenceLogits } = model.forward(text);
    const tokens = model.encode(text);
    expectClose(wordLogits.toTypedArray(), io.prediction_logits.data.flat(3));
    expectClose(nextSentenceLogits.toTypedArray(), io.seq_relationship_logits.data.flat(3));
    expectClose(tokens.toTypedArray(), io.last_hidden_state.data.flat(3));
    expectClose(model.pool(tokens).toTypedArray(), io.pooler_output.data.flat(3));
  });
});

test("a name that is no preset is refused", () => {
  expect(() => bertPreset("BERT-Huge")).toThrow("bertPreset: expected one of BERT-Tiny, BERT-Mini");
});

test("names without the prefix, gamma and beta, and what isn't needed are read as well", async () => {
  const checkpoint = new Uint8Array(await readFile(`${goldenFolder("bert")}/model.safetensors`));
  const length = Number(new DataView(checkpoint.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(checkpoint.subarray(8, 8 + length));
  const old = header
    .replaceAll("LayerNorm.weight", "LayerNorm.gamma")
    .replaceAll("LayerNorm.bias", "LayerNorm.beta")
    .replaceAll('"bert.', '"');
  const bytes = new TextEncoder().encode(old);
  const renamed = new Uint8Array(8 + bytes.length + checkpoint.length - 8 - length);
  new DataView(renamed.buffer).setBigUint64(0, BigInt(bytes.length), true);
  renamed.set(bytes, 8);
  renamed.set(checkpoint.subarray(8 + length), 8 + bytes.length);
  const config = new Uint8Array(await readFile(`${goldenFolder("bert")}/config.json`));
  const golden = await readGolden("bert");
  using model = await BertForPreTraining.fromPretrained(
    new Map([
      ["config.json", config],
      ["model.safetensors", renamed],
    ]),
  );
  noGrad(() => expectClose(model.forward(inputsOf(golden)).wordLogits.data, golden.values("prediction_logits")));
});

test("fine-tuning changes every parameter that the head sees", async () => {
  using model = await BertForSequenceClassification.fromPretrained(goldenFolder("bert"), { labels: ["no", "yes", "perhaps"] });
  expect(model.config.id2label).toEqual({ 0: "no", 1: "yes", 2: "perhaps" });
  expect(model.classifier.weight.data.some((value) => value !== 0)).toBe(true);
  const before = new Map([...model.namedParameters()].map(([path, parameter]) => [path, parameter.toTypedArray()]));
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 });
  const text = { inputIds: ids([1, 7, 9, 5], [2, 8, 3, 4]), tokenTypeIds: ids([0, 0, 1, 1], [0, 1, 1, 1]) };
  scope(() => backward(crossEntropy(model.forward(text), intTensor([0, 2]))));
  optimizer.step();
  for (const [path, parameter] of model.namedParameters()) {
    expect([path, parameter.data.some((value, i) => value !== before.get(path)?.[i])]).toEqual([path, true]);
  }
});

test("it reads both ways: every token's output depends on every other token", async () => {
  using model = await Bert.fromConfig(tiny);
  noGrad(() => {
    const rows = [[1, 7, 9, 5, 6], ...[0, 1, 2, 3, 4].map((j) => [1, 7, 9, 5, 6].map((id, i) => (i === j ? 20 : id)))];
    const tokens = model.encode({ inputIds: ids(...rows) }).toArray() as number[][][];
    for (const changed of tokens.slice(1)) {
      for (const [i, token] of changed.entries())
        expect(token.some((value, d) => Math.abs(value - (tokens[0]?.[i]?.[d] ?? 0)) > 1e-6)).toBe(true);
    }
  });
});

test("a classifier reads the first token, [CLS], and nothing else", async () => {
  using model = await BertForSequenceClassification.fromConfig(tiny);
  noGrad(() => {
    const tokens = model.encode({ inputIds: ids([1, 7, 9]) });
    const first = model.classifier.forward(model.pool(tokens));
    tokens.data.fill(7, 12);
    expect(model.classifier.forward(model.pool(tokens)).data).toEqual(first.data);
  });
});

test("padding changes nothing for the tokens of a text", async () => {
  using model = await Bert.fromConfig(tiny);
  noGrad(() => {
    const alone = model.encode({ inputIds: ids([1, 7, 9]) });
    const padded = model.encode({ inputIds: ids([1, 7, 9, 0, 0], [1, 2, 3, 4, 5]), attentionMask: ids([1, 1, 1, 0, 0], [1, 1, 1, 1, 1]) });
    expectClose(padded.data.slice(0, 36), alone.data, "values", 1e-6);
  });
});

test("what isn't such a BERT is refused", async () => {
  const weights = new Uint8Array(await readFile(`${goldenFolder("bert")}/model.safetensors`));
  const load = (config: object): Promise<Bert> =>
    Bert.fromPretrained(
      new Map([
        ["config.json", new TextEncoder().encode(JSON.stringify(config))],
        ["model.safetensors", weights],
      ]),
    );
  await expect(load({ model_type: "vit" })).rejects.toThrow("this is not BERT");
  await expect(load({ model_type: "bert", position_embedding_type: "relative_key" })).rejects.toThrow(
    'position_embedding_type is "relative_key"',
  );
});

test("more tokens than positions, and ids that aren't a batch, are refused", async () => {
  using model = await Bert.fromConfig(tiny);
  noGrad(() => {
    expect(() => model.encode({ inputIds: intTensor(new Int32Array(11), [1, 11]) })).toThrow(
      "TextEmbeddings: inputIds must be (B, N) with N at most maxPositionEmbeddings, 10, but inputIds is (1, 11)",
    );
    expect(() => model.encode({ inputIds: intTensor([1, 2]) })).toThrow("inputIds must be (B, N)");
    expect(() => model.encode({ inputIds: ids([1, 40]) })).toThrow("ids go from 0 to 39, but id 1 is 40");
  });
});

test("fresh weights: norms 1 and 0, no biases, zeros for padding, the rest N(0, 0.02²)", async () => {
  using model = await BertForMaskedLM.fromConfig({ ...tiny, vocabSize: 4000 });
  const { data } = model.embeddings.wordEmbeddings.weight;
  expect(data.subarray(0, 12)).toEqual(new Float32Array(12));
  expect(Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)).toBeCloseTo(bertDefaults.initializerRange, 3);
  for (const [path, parameter] of model.namedParameters()) {
    if (parameter.shape.length === 1) expect([path, new Set(parameter.data)]).toEqual([path, new Set([path.endsWith("weight") ? 1 : 0])]);
  }
});
