import { readFile } from "node:fs/promises";
import { add, AdamW, backward, crossEntropy, init, intTensor, noGrad, Rng, scaleAndShift, scope, type Tensor, Trace } from "@x/layers";
import {
  countParameters,
  expectClose,
  expectGradientsAreDifferences,
  expectLossesAgree,
  expectNothingLeft,
  expectTrainingAgrees,
  inFolder,
  keysOf,
} from "@x/testing";
import { expect, test } from "vitest";
import {
  Bert,
  type BertConfig,
  BertEncoder,
  bertDefaults,
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  bertLayouts,
  bertPreset,
} from "../src/index.ts";
import { goldenFolder, inputsOf, preTrainingLoss, readGolden } from "./golden.ts";

const [huggingFace] = bertLayouts;
const tiny: Partial<BertConfig> = {
  vocabSize: 40,
  hiddenSize: 12,
  numHiddenLayers: 2,
  intermediateSize: 20,
  maxPositionEmbeddings: 10,
  numAttentionHeads: 3,
};
const ids = (...rows: number[][]): Tensor<"int32"> => intTensor(rows);

test("B2, B3, B8: pre-training: words, next sentences, loss and every gradient are Hugging Face's", async () => {
  using model = await BertForPreTraining.fromPretrained(goldenFolder("bert"));
  const golden = await readGolden("bert");
  expect(model.training).toBe(false);
  expect(model.config.hiddenAct).toBe("gelu");
  noGrad(() => {
    const trace = new Trace();
    const { wordLogits, nextSentenceLogits } = model.forward(inputsOf(golden), { trace });
    expectClose(wordLogits.data, golden.values("prediction_logits"), "words");
    expectClose(nextSentenceLogits.data, golden.values("seq_relationship_logits"), "next sentence");
    expect(trace.hiddenStates).toHaveLength(3);
    for (const [i, state] of trace.hiddenStates.entries()) expectClose(state.data, golden.values(`hidden.${i}`), `hidden state ${i}`);
    for (const [i, map] of trace.attentions.entries()) expectClose(map.data, golden.values(`attention.${i}`), `attention ${i}`);
    expect(trace.attentions).toHaveLength(2);
    expectClose(model.pool(trace.hiddenStates[2]!).data, golden.values("pooler_output"));
  });
  expectTrainingAgrees(golden, model, huggingFace, () => preTrainingLoss(model, golden));
});

test("the fixture of transformers 5.18", async () => {
  using model = await BertForPreTraining.fromPretrained(goldenFolder("bert_fixture"));
  const io = JSON.parse(await readFile(`${goldenFolder("bert_fixture")}/io.json`, "utf8"));
  const read = (key: string): Tensor<"int32"> => intTensor(io[key].data.flat(3), io[key].shape);
  noGrad(() => {
    const text = { inputIds: read("input_ids"), tokenTypeIds: read("token_type_ids"), attentionMask: read("attention_mask") };
    const { wordLogits, nextSentenceLogits } = model.forward(text);
    const tokens = model.encode(text);
    expectClose(wordLogits.data, io.prediction_logits.data.flat(3));
    expectClose(nextSentenceLogits.data, io.seq_relationship_logits.data.flat(3));
    expectClose(tokens.data, io.last_hidden_state.data.flat(3));
    expectClose(model.pool(tokens).data, io.pooler_output.data.flat(3));
  });
});

test("B4: ten steps of AdamW on both objectives lose as PyTorch's", async () => {
  using model = await BertForPreTraining.fromPretrained(goldenFolder("bert"));
  const golden = await readGolden("bert");
  expectLossesAgree(golden, model.parameters(), () => preTrainingLoss(model, golden));
});

test("G1: gradients agree with finite differences of the loss", async () => {
  using model = await BertForPreTraining.fromPretrained(goldenFolder("bert"));
  const golden = await readGolden("bert");
  expectGradientsAreDifferences(model, () => preTrainingLoss(model, golden));
});

test.each([
  ["bert_masked_lm", BertForMaskedLM],
  ["bert_next_sentence", BertForNextSentencePrediction],
  ["bert_sequence", BertForSequenceClassification],
  ["bert_token", BertForTokenClassification],
] as const)("%s: logits, loss and every gradient", async (name, kind) => {
  const golden = await readGolden(name);
  using model = await (kind as typeof BertForSequenceClassification).fromPretrained(goldenFolder(name));
  const logits = (): Tensor => model.forward(inputsOf(golden));
  noGrad(() => expectClose(logits().data, golden.values("logits")));
  expectTrainingAgrees(golden, model, huggingFace, () => crossEntropy(logits(), golden.ids("labels")));
});

test("answers: logits of both ends, loss and every gradient", async () => {
  using model = await BertForQuestionAnswering.fromPretrained(goldenFolder("bert_question"));
  const golden = await readGolden("bert_question");
  noGrad(() => {
    const { startLogits, endLogits } = model.forward(inputsOf(golden));
    expectClose(startLogits.data, golden.values("start_logits"));
    expectClose(endLogits.data, golden.values("end_logits"));
  });
  expectTrainingAgrees(golden, model, huggingFace, () => {
    const { startLogits, endLogits } = model.forward(inputsOf(golden));
    const ends = [crossEntropy(startLogits, golden.ids("start_positions")), crossEntropy(endLogits, golden.ids("end_positions"))];
    return scaleAndShift(add(ends[0]!, ends[1]!), 0.5, 0);
  });
});

test.each([
  ["BERT-Base", Bert, 109_482_240],
  ["BERT-Base", BertForPreTraining, 110_106_428],
  ["BERT-Large", Bert, 335_141_888],
  ["BERT-Large", BertForPreTraining, 336_226_108],
  ["BERT-Tiny", Bert, 4_385_920],
  ["BERT-Mini", Bert, 11_170_560],
  ["BERT-Small", Bert, 28_763_648],
  ["BERT-Medium", Bert, 41_373_184],
] as const)("B7: %s as %o has the published number of parameters", async (preset, kind, count) => {
  expect(await countParameters(() => new kind(bertPreset(preset), new Rng(0)))).toBe(count);
});

test("a name that is no preset is refused", () => {
  expect(() => bertPreset("BERT-Huge")).toThrow("bertPreset: expected one of BERT-Tiny, BERT-Mini");
});

test.each([
  ["bert", BertForPreTraining],
  ["bert_masked_lm", BertForMaskedLM],
  ["bert_sequence", BertForSequenceClassification],
  ["bert_token", BertForTokenClassification],
  ["bert_question", BertForQuestionAnswering],
] as const)("G2: %s, saved under Hugging Face's names and loaded back, is the same model", (name, kind) =>
  inFolder(async (folder) => {
    const golden = await readGolden(name);
    using model = await (kind as typeof BertEncoder).fromPretrained(goldenFolder(name));
    await model.savePretrained(folder);
    expect(await keysOf(folder)).toEqual(await keysOf(goldenFolder(name)));
    const saved = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
    const original = JSON.parse(await readFile(`${goldenFolder(name)}/config.json`, "utf8"));
    for (const key of Object.keys(saved))
      if (key in original && original[key] !== null) expect([key, saved[key]]).toEqual([key, original[key]]);
    using again = await (kind as typeof BertEncoder).fromPretrained(folder);
    expect(again.config).toEqual(model.config);
    noGrad(() => expect(again.encode(inputsOf(golden)).data).toEqual(model.encode(inputsOf(golden)).data));
  }),
);

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

test("B6: fine-tuning changes every parameter that the head sees", async () => {
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
  await expect(BertForSequenceClassification.fromPretrained(goldenFolder("bert"))).rejects.toThrow("classifier.weight");
});

test("B1: it reads both ways: every token's output depends on every other token", async () => {
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

test("B5: a classifier reads the first token, [CLS], and nothing else", async () => {
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
  await expect(load({ model_type: "vit" })).rejects.toThrow("this is not a BERT");
  await expect(load({ model_type: "bert", position_embedding_type: "relative_key" })).rejects.toThrow(
    "position_embedding_type relative_key",
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

test("training and inference leave no byte behind", async () => {
  await init();
  using model = await BertForPreTraining.fromConfig(tiny);
  expectNothingLeft(model.train(), () => {
    const { wordLogits, nextSentenceLogits } = model.forward({
      inputIds: ids([4, 7, 9, 5], [4, 6, 5, 3]),
      attentionMask: ids([1, 1, 1, 1], [1, 1, 1, 0]),
    });
    return add(
      crossEntropy(wordLogits, ids([-100, 8, -100, 2], [1, -100, -100, -100])),
      crossEntropy(nextSentenceLogits, intTensor([0, 1])),
    );
  });
});
