/** LoRA on the language models, against PEFT's own numbers and files: golden/bert_lora and golden/bert_dora, by tools/reference/lora.py. */
import { crossEntropy, init, intTensor, liveBytes, LoRA, noGrad, type Tensor } from "@x/layers";
import { expectAdapterLearns, expectPEFTAgrees, expectThereAndBack } from "@x/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Bert, BertForMaskedLM, BertForSequenceClassification, Transformer } from "../src/index.ts";
import { goldenFolder, inputsOf, readGolden } from "./golden.ts";

let bytes = 0;
beforeEach(async () => {
  await init();
  bytes = liveBytes();
});
afterEach(() => expect(liveBytes() - bytes, "bytes left behind").toBe(0));

async function adaptedBert(adapter: string) {
  const model = await BertForSequenceClassification.fromPretrained(goldenFolder("bert_sequence"));
  const inputs = await readGolden("bert_sequence");
  const logits = (): Tensor => model.forward(inputsOf(inputs));
  const loss = (): Tensor => crossEntropy(logits(), inputs.ids("labels"));
  return { model, inputs, logits, loss, lora: await LoRA.fromPretrained(model, adapter) };
}

test("query and value of joined matrices, ranks of their own, α/√r and a trained head: outputs, gradients and training are PEFT's", async () => {
  const { model, lora, logits, loss } = await adaptedBert(goldenFolder("bert_lora"));
  expect(lora.numParameters).toBe(747);
  const saved = { "classifier.weight": "classifier.weight", "classifier.bias": "classifier.bias" };
  expectPEFTAgrees({ model, lora, golden: await readGolden("bert_lora"), logits, loss, saved });
  lora.detach();
  model.dispose();
});

test("a DoRA on embeddings, parts of joined matrices and layers with biases: outputs, gradients and training are PEFT's", async () => {
  const { model, lora, logits, loss } = await adaptedBert(goldenFolder("bert_dora"));
  const saved = { "classifier.weight": "classifier.weight", "classifier.bias": "classifier.bias" };
  expectPEFTAgrees({ model, lora, golden: await readGolden("bert_dora"), logits, loss, saved });
  lora.detach();
  model.dispose();
});

test("what an adapter does to embeddings of types is there without types, too", async () => {
  using model = await BertForSequenceClassification.fromPretrained(goldenFolder("bert_sequence"));
  using lora = LoRA.attach(model, { targetModules: ["token_type_embeddings"] });
  for (const parameter of lora.parameters()) parameter.data.fill(0.5);
  const inputIds = (): Tensor<"int32"> => intTensor([2, 7, 4, 9], [1, 4]);
  const logits = (types?: Tensor<"int32">): Float32Array =>
    noGrad(() => model.forward({ inputIds: inputIds(), ...(types && { tokenTypeIds: types }) }).toTypedArray());
  const adapted = logits();
  expect(adapted).toEqual(noGrad(() => logits(intTensor([0, 0, 0, 0], [1, 4]))));
  lora.disable();
  expect(logits()).not.toEqual(adapted);
});

test("what is merged may not be another layer's, too", async () => {
  using model = await BertForMaskedLM.fromPretrained(goldenFolder("bert_masked_lm"));
  using lora = LoRA.attach(model, { targetModules: ["word_embeddings"] });
  expect(() => lora.merge()).toThrow(
    "LoRA: the weight of bert.embeddings.word_embeddings is another layer's, too, which the adapter isn't for",
  );
});

test.each(["bert_lora", "bert_dora"])("what is saved has PEFT's names, and comes back: %s", async (name) => {
  const adapter = goldenFolder(name);
  const { model, lora, logits } = await adaptedBert(adapter);
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

const inputIds = (): Tensor<"int32"> => intTensor([2, 7, 4, 9, 5, 3, 11, 8], [2, 4]);

test("the output layer is adapted only where it is asked for by name", async () => {
  const targets = (): Tensor<"int32"> => intTensor([1, 2, 3, 4], [2, 2]);
  using transformer = await Transformer.fromConfig({
    vocabSize: 30,
    dModel: 16,
    encoderLayers: 1,
    decoderLayers: 1,
    encoderAttentionHeads: 2,
    decoderAttentionHeads: 2,
    encoderFfnDim: 16,
    decoderFfnDim: 16,
    tieWordEmbeddings: false,
  });
  using all = LoRA.attach(transformer);
  expect([...all.namedParameters().keys()].filter((name) => /lm_?head/i.test(name))).toEqual([]);
  all.disable();
  expectAdapterLearns(
    transformer,
    () => LoRA.attach(transformer, { targetModules: ["lm_head"] }),
    () => transformer.loss({ inputIds: inputIds() }, targets()),
  );
});
