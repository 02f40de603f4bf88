/** LoRA on the language models, against PEFT's own numbers and files: golden/bert_lora, by tools/reference/lora.py. */
import { crossEntropy, init, intTensor, LoRA, reshape, Rng, type Tensor } from "@x/layers";
import { expectAdapterLearns, expectPEFTAgrees, expectThereAndBack } from "@x/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { liveBytes } from "@x/layers";
import { Bert, BertForMaskedLM, BertForSequenceClassification, FNetForSequenceClassification, Marian, Transformer } from "../src/index.ts";
import { goldenFolder, inputsOf, readGolden } from "./golden.ts";

const adapter = goldenFolder("bert_lora");
let bytes = 0;
beforeEach(async () => {
  await init();
  bytes = liveBytes();
});
afterEach(() => expect(liveBytes() - bytes, "bytes left behind").toBe(0));

async function adaptedBert() {
  const model = await BertForSequenceClassification.fromPretrained(goldenFolder("bert_sequence"));
  const inputs = await readGolden("bert_sequence");
  const logits = (): Tensor => model.forward(inputsOf(inputs));
  const loss = (): Tensor => crossEntropy(logits(), inputs.ids("labels"));
  return { model, inputs, logits, loss, lora: await LoRA.fromPretrained(model, adapter) };
}

test("query and value of joined matrices, ranks of their own, α/√r and a trained head: outputs, gradients and training are PEFT's", async () => {
  const { model, lora, logits, loss } = await adaptedBert();
  expect(lora.numParameters).toBe(747);
  const saved = { "classifier.weight": "classifier.weight", "classifier.bias": "classifier.bias" };
  expectPEFTAgrees({ model, lora, golden: await readGolden("bert_lora"), logits, loss, saved });
  lora.detach();
  model.dispose();
});

test("what is saved has PEFT's names, and comes back", async () => {
  const { model, lora, logits } = await adaptedBert();
  await expectThereAndBack(lora, adapter, (folder) => LoRA.fromPretrained(model, folder), logits);
  model.dispose();
});

test("the bare encoder's names have no prefix, as in Hugging Face's library", async () => {
  using bert = await Bert.fromConfig({ vocabSize: 20, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8 });
  using lora = LoRA.attach(bert, { targetModules: ["encoder.layer.0.attention.self.key"] });
  expect([...lora.namedParameters().keys()]).toEqual([
    "encoder.layer.0.attention.self.key.lora_A.weight",
    "encoder.layer.0.attention.self.key.lora_B.weight",
  ]);
});

const small = { vocabSize: 30, hiddenSize: 16, numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 32, maxPositionEmbeddings: 16 };
const inputIds = (): Tensor<"int32"> => intTensor([2, 7, 4, 9, 5, 3, 11, 8], [2, 4]);
const text = () => ({ inputIds: inputIds(), tokenTypeIds: intTensor(new Int32Array(8), [2, 4]) });
const labels = { 0: "no", 1: "yes" };

test("BERT and FNet learn", async () => {
  const rng = new Rng(3);
  using bert = await BertForSequenceClassification.fromConfig({ ...small, id2label: labels }, { rng });
  using masked = await BertForMaskedLM.fromConfig(small, { rng });
  using fNet = await FNetForSequenceClassification.fromConfig({ ...small, id2label: labels }, { rng });
  const classes = (): Tensor<"int32"> => intTensor([0, 1]);
  const words = (logits: Tensor): Tensor => crossEntropy(reshape(logits, [8, -1]), intTensor([1, 2, 3, 4, 5, 6, 7, 8]));
  expectAdapterLearns(
    bert,
    () => LoRA.attach(bert, { modulesToSave: ["classifier"] }),
    () => crossEntropy(bert.forward(text()), classes()),
  );
  expectAdapterLearns(
    masked,
    () => LoRA.attach(masked, { targetModules: /.*\.(query|dense)/ }),
    () => words(masked.forward(text())),
  );
  expectAdapterLearns(
    fNet,
    () => LoRA.attach(fNet),
    () => crossEntropy(fNet.forward(text()), classes()),
  );
});

test("the Transformer and Marian learn; the output layer only where it is asked for by name", async () => {
  const sizes = {
    vocabSize: 30,
    dModel: 16,
    encoderLayers: 1,
    decoderLayers: 1,
    encoderAttentionHeads: 2,
    decoderAttentionHeads: 2,
    encoderFfnDim: 16,
    decoderFfnDim: 16,
  };
  using transformer = await Transformer.fromConfig({ ...sizes, tieWordEmbeddings: false });
  using marian = await Marian.fromConfig({ ...sizes, padTokenId: 0, decoderStartTokenId: 0 });
  const targets = (): Tensor<"int32"> => intTensor([1, 2, 3, 4], [2, 2]);
  expectAdapterLearns(
    transformer,
    () => LoRA.attach(transformer),
    () => transformer.loss({ inputIds: inputIds() }, targets()),
  );
  expectAdapterLearns(
    marian,
    () => LoRA.attach(marian, { targetModules: ["q_proj", "v_proj"] }),
    () => marian.loss({ inputIds: inputIds() }, targets()),
  );
  using all = LoRA.attach(transformer);
  expect([...all.namedParameters().keys()].filter((name) => /lm_?head/i.test(name))).toEqual([]);
  all.disable();
  expectAdapterLearns(
    transformer,
    () => LoRA.attach(transformer, { targetModules: ["lm_head"] }),
    () => transformer.loss({ inputIds: inputIds() }, targets()),
  );
});
