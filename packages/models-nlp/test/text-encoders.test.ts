/** RoBERTa, XLM-RoBERTa, CamemBERT, DistilBERT, MPNet and ELECTRA with their heads: what every language model promises, on each golden model. */
import {
  add,
  backward,
  binaryCrossEntropy,
  crossEntropy,
  intTensor,
  noGrad,
  Rng,
  scaleAndShift,
  scope,
  tensor,
  type Tensor,
  Trace,
} from "@x/layers";
import type { WeightLayout } from "@x/layers/model";
import { describeModels, describeSizes, expectClose, type Golden, type ModelRow, type PretrainedModel } from "@x/testing";
import { expect, test } from "vitest";
import * as nlp from "../src/index.ts";
import { bucketOf } from "../src/mpnet/relative-position.ts";
import { goldenFolder, readGolden } from "./golden.ts";

type Row = ModelRow<PretrainedModel>;
type Answers = Readonly<Record<"startLogits" | "endLogits", Tensor>>;
type Texts<Output> = PretrainedModel & { forward(text: nlp.TextInput, options?: object): Output };

const inputsOf = (golden: Golden): nlp.TextInput => ({
  inputIds: golden.ids("input_ids"),
  attentionMask: golden.ids("attention_mask"),
  tokenTypeIds: golden.has("token_type_ids") ? golden.ids("token_type_ids") : undefined,
});

const classes: Pick<ModelRow<Texts<Tensor>>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => ({ logits: model.forward(inputsOf(golden), { trace }) }),
  loss: (model, golden) => crossEntropy(model.forward(inputsOf(golden)), golden.ids("labels")),
};
const answers: Pick<ModelRow<Texts<Answers>>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => {
    const { startLogits, endLogits } = model.forward(inputsOf(golden), { trace });
    return { start_logits: startLogits, end_logits: endLogits };
  },
  loss: (model, golden) => {
    const { startLogits, endLogits } = model.forward(inputsOf(golden));
    const start = crossEntropy(startLogits, golden.ids("start_positions"));
    return scaleAndShift(add(start, crossEntropy(endLogits, golden.ids("end_positions"))), 0.5, 0);
  },
};
const replaced: Pick<ModelRow<Texts<Tensor>>, "outputs" | "loss"> = {
  ...classes,
  loss: (model, golden) => nlp.replacedTokenLoss(model.forward(inputsOf(golden)), golden.ids("labels"), golden.ids("attention_mask")),
};

/** What an encoder of two layers and three heads leaves of two texts of twelve tokens. */
const times = (count: number, shape: readonly number[]): (readonly number[])[] => Array.from({ length: count }, () => shape);
const trace: Row["trace"] = { hiddenStates: times(3, [2, 12, 12]), attentions: times(2, [2, 3, 12, 12]) };

/** A family's classes with heads. */
interface Kinds {
  readonly masked: Row["kind"];
  readonly sequence: Row["kind"];
  readonly token: Row["kind"];
  readonly question: Row["kind"];
}

const rowsOf = (name: string, layout: WeightLayout, { masked, sequence, token, question }: Kinds): Row[] =>
  [
    { ...classes, name, kind: masked, trace },
    { ...classes, name: `${name}_sequence`, kind: sequence, lora: { modulesToSave: ["classifier"] } },
    { ...classes, name: `${name}_token`, kind: token },
    { ...answers, name: `${name}_question`, kind: question },
  ].map((row) => ({ ...(row as Row), layout }));

const roberta: Kinds = {
  masked: nlp.RobertaForMaskedLM,
  sequence: nlp.RobertaForSequenceClassification,
  token: nlp.RobertaForTokenClassification,
  question: nlp.RobertaForQuestionAnswering,
};
const distilBert: Kinds = {
  masked: nlp.DistilBertForMaskedLM,
  sequence: nlp.DistilBertForSequenceClassification,
  token: nlp.DistilBertForTokenClassification,
  question: nlp.DistilBertForQuestionAnswering,
};
const mpNet: Kinds = {
  masked: nlp.MPNetForMaskedLM,
  sequence: nlp.MPNetForSequenceClassification,
  token: nlp.MPNetForTokenClassification,
  question: nlp.MPNetForQuestionAnswering,
};
const electra: Kinds = {
  masked: nlp.ElectraForMaskedLM,
  sequence: nlp.ElectraForSequenceClassification,
  token: nlp.ElectraForTokenClassification,
  question: nlp.ElectraForQuestionAnswering,
};
const modernBert: Kinds = {
  masked: nlp.ModernBertForMaskedLM,
  sequence: nlp.ModernBertForSequenceClassification,
  token: nlp.ModernBertForTokenClassification,
  question: nlp.ModernBertForQuestionAnswering,
};
const [tied, untied] = nlp.robertaLayouts;

await describeModels({ goldenFolder, readGolden }, [
  ...rowsOf("roberta", tied, roberta),
  // The tied bias, which is idle here, isn't written.
  { ...classes, name: "roberta_untied", layout: untied, kind: roberta.masked, changesNames: true } as Row,
  ...rowsOf("xlm_roberta", tied, roberta),
  ...rowsOf("camembert", tied, roberta),
  ...rowsOf("distilbert", nlp.distilBertLayouts[0], distilBert),
  ...rowsOf("mpnet", nlp.mpNetLayouts[0], mpNet),
  ...rowsOf("electra", nlp.electraLayouts[0], electra),
  // Of its last layer Hugging Face's library tells what the norm behind it makes.
  ...rowsOf("modernbert", nlp.modernBertLayouts[0], modernBert).map((row) => ({ ...row, trace: undefined })),
  { ...classes, name: "modernbert_biased", layout: nlp.modernBertLayouts[1], kind: modernBert.masked } as Row,
  { ...classes, name: "modernbert_mean", layout: nlp.modernBertLayouts[0], kind: modernBert.sequence } as Row,
  { ...replaced, name: "electra_pre_training", layout: nlp.electraLayouts[0], kind: nlp.ElectraForPreTraining } as Row,
]);

const rng = new Rng(0);
// Hugging Face's RobertaModel and so on of these configs.
describeSizes([
  ["RoBERTa-Base", () => new nlp.Roberta(nlp.robertaPreset("roberta-base"), rng), 124_645_632],
  ["RoBERTa-Large", () => new nlp.Roberta(nlp.robertaPreset("roberta-large"), rng), 355_359_744],
  ["RoBERTa-Base for masked words", () => new nlp.RobertaForMaskedLM(nlp.robertaPreset("roberta-base"), rng), 124_697_433],
  ["XLM-RoBERTa-Base", () => new nlp.XLMRoberta(nlp.robertaPreset("xlm-roberta-base"), rng), 278_043_648],
  ["XLM-RoBERTa-Large", () => new nlp.XLMRoberta(nlp.robertaPreset("xlm-roberta-large"), rng), 559_890_432],
  ["CamemBERT-Base", () => new nlp.Camembert(nlp.robertaPreset("camembert-base"), rng), 110_621_952],
  ["DistilBERT-Base", () => new nlp.DistilBert({}, rng), 66_362_880],
  ["DistilBERT-Base of two classes", () => new nlp.DistilBertForSequenceClassification({}, rng), 66_955_010],
  ["MPNet-Base", () => new nlp.MPNet({ maxPositionEmbeddings: 514 }, rng), 109_486_464],
  ["ModernBERT-Base", () => new nlp.ModernBert({}, rng), 149_014_272],
  ["ModernBERT-Base for masked words", () => new nlp.ModernBertForMaskedLM({}, rng), 149_655_232],
  ["ELECTRA-Small", () => new nlp.Electra(nlp.electraPreset("electra-small-discriminator"), rng), 13_483_008],
  ["ELECTRA-Base", () => new nlp.Electra(nlp.electraPreset("electra-base-discriminator"), rng), 108_891_648],
  ["ELECTRA-Large", () => new nlp.Electra(nlp.electraPreset("electra-large-discriminator"), rng), 334_092_288],
]);

test("positions are counted from padding's row on, wherever padding stands, and only tokens count", async () => {
  using model = await nlp.Roberta.fromConfig({ ...tiny, maxPositionEmbeddings: 6 });
  expect(model.maxPositions).toBe(4);
  const encode = (ids: number[][], mask: number[][]): number[] =>
    scope(() => noGrad(() => [...model.encode({ inputIds: intTensor(ids), attentionMask: intTensor(mask) }).toTypedArray()]));
  const width = tiny.hiddenSize;
  const right = encode([[0, 7, 2, 1, 1]], [[1, 1, 1, 0, 0]]);
  const left = encode([[1, 1, 0, 7, 2]], [[0, 0, 1, 1, 1]]);
  expectClose(left.slice(2 * width), right.slice(0, 3 * width));
  expect(() => encode([[0, 7, 8, 9, 2]], [[1, 1, 1, 1, 1]])).toThrow("N at most maxPositionEmbeddings, 4");
});

test("distances are told apart in Raffel's buckets", () => {
  const from = (...distances: number[]): number[] => distances.map(bucketOf);
  expect(from(0, -1, -7, -8, -11, -12, -15, -16, -31, -32, -63, -64, -127, -128, -999)).toEqual([
    0, 1, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 15, 15,
  ]);
  expect(from(1, 7, 8, 16, 128)).toEqual([17, 23, 24, 26, 31]);
});

test("padding's positions and words begin at zero and stay there", async () => {
  using model = await nlp.RobertaForMaskedLM.fromConfig(tiny);
  scope(() => backward(crossEntropy(model.forward({ inputIds: intTensor([[0, 7, 1]]) }), intTensor([[7, 7, 7]]))));
  const parameters = new Map(model.namedParameters());
  const [words, positions] = ["wordEmbeddings", "positionEmbeddings"].map((name) => parameters.get(`embeddings.${name}.weight`));
  const row = (values: Float32Array | undefined): number[] => [...(values?.subarray(tiny.hiddenSize, 2 * tiny.hiddenSize) ?? [])];
  const zeros = new Array(tiny.hiddenSize).fill(0);
  expect(row(words?.data)).toEqual(zeros);
  expect(row(positions?.data)).toEqual(zeros);
  expect(row(positions?.grad?.data)).toEqual(zeros);
});

test("a type is of no account where there are no types", async () => {
  using model = await nlp.MPNet.fromConfig(tiny);
  noGrad(() => {
    const inputIds = intTensor([[0, 7, 2]]);
    expect(model.encode({ inputIds, tokenTypeIds: intTensor([[0, 1, 1]]) }).toTypedArray()).toEqual(
      model.encode({ inputIds }).toTypedArray(),
    );
  });
});

test("the loss of replaced tokens is the mean over those that aren't padding", () => {
  scope(() => {
    const [marks, mask] = [intTensor([1, 0, 0, 0], [2, 2]), intTensor([1, 1, 1, 0], [2, 2])];
    const loss = nlp.replacedTokenLoss(tensor([1, -2, 3, 50], [2, 2]), marks, mask);
    expectClose(loss.toTypedArray(), binaryCrossEntropy(tensor([1, -2, 3], [3]), tensor([1, 0, 0], [3])).data);
  });
});

test("names of published sizes, and of no others", () => {
  expect(() => nlp.robertaPreset("toString")).toThrow("robertaPreset: expected one of roberta-base, roberta-large");
  expect(() => nlp.electraPreset("electra")).toThrow("electraPreset: expected one of electra-small-discriminator");
});

const tiny = { vocabSize: 20, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8, maxPositionEmbeddings: 12 };

test("far from any token, padding sees nothing: ModernBERT's attention is the same for all there, as the reference's eager attention has it", () => {
  scope(() => {
    using model = new nlp.ModernBert({ vocabSize: 20, padTokenId: 0, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8, layerTypes: ["sliding_attention"], localAttention: 4 }, new Rng(1)); // prettier-ignore
    const seenBy = new Trace();
    const attentionMask = intTensor([1, 1, 0, 0, 0, 0], [1, 6]);
    const tokens = noGrad(() => model.encode({ inputIds: intTensor([3, 4, 0, 0, 0, 0], [1, 6]), attentionMask }, { trace: seenBy }));
    const seen = Array.from(seenBy.attentions[0]?.toTypedArray() ?? []);
    const sums = Array.from({ length: 6 }, (_, query) => seen.slice(query * 6, query * 6 + 6).reduce((a, b) => a + b, 0));
    expectClose(Float32Array.from(sums), [1, 1, 1, 1, 1, 1], "sums of rows");
    expectClose(
      Float32Array.from(seen.slice(30, 36)),
      Array.from({ length: 6 }, () => 1 / 6),
      "the last row",
    );
    expect(tokens.toTypedArray().every(Number.isFinite)).toBe(true);
  });
});
