/** What every language model promises, on each golden model; what is its paper's own stands in the file of its name. */
import { add, crossEntropy, mean, multiply, Rng, scaleAndShift, type Tensor, type Trace } from "@x/layers";
import { describeModels, describeSizes, type Golden, type ModelRow, type PretrainedModel } from "@x/testing";
import {
  Bert,
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  bertLayouts,
  bertPreset,
  DistilBert,
  distilBertPreset,
  FNet,
  FNetForMaskedLM,
  FNetForNextSentencePrediction,
  FNetForPreTraining,
  FNetForQuestionAnswering,
  FNetForSequenceClassification,
  FNetForTokenClassification,
  fNetLayouts,
  fNetPreset,
  M2M100,
  m2m100Layouts,
  m2m100Preset,
  Marian,
  marianLayouts,
  ModernBert,
  modernBertPreset,
  MPNet,
  mpNetPreset,
  shiftRight,
  type TextInput,
  Transformer,
  transformerDefaults,
  transformerLayouts,
  transformerPreset,
} from "../src/index.ts";
import { goldenFolder, inputsOf, preTrainingLoss, readGolden } from "./golden.ts";

type Traced = { readonly trace?: Trace };
type Texts<Output> = PretrainedModel & { forward(text: TextInput, options?: Traced): Output };

const preTraining: Pick<ModelRow<BertForPreTraining | FNetForPreTraining>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => {
    const { wordLogits, nextSentenceLogits } = model.forward(inputsOf(golden), trace && { trace });
    const tokens = model.encode(inputsOf(golden));
    return {
      prediction_logits: wordLogits,
      seq_relationship_logits: nextSentenceLogits,
      "hidden.2": tokens,
      pooler_output: model.pool(tokens),
    };
  },
  loss: preTrainingLoss,
};
const classifier: Pick<ModelRow<Texts<Tensor>>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => ({ logits: model.forward(inputsOf(golden), trace && { trace }) }),
  loss: (model, golden) => crossEntropy(model.forward(inputsOf(golden)), golden.ids("labels")),
};
const answers: Pick<ModelRow<Texts<{ readonly startLogits: Tensor; readonly endLogits: Tensor }>>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => {
    const { startLogits, endLogits } = model.forward(inputsOf(golden), trace && { trace });
    return { start_logits: startLogits, end_logits: endLogits };
  },
  loss: (model, golden) => {
    const { startLogits, endLogits } = model.forward(inputsOf(golden));
    const start = crossEntropy(startLogits, golden.ids("start_positions"));
    return scaleAndShift(add(start, crossEntropy(endLogits, golden.ids("end_positions"))), 0.5, 0);
  },
};
const encoder: Pick<ModelRow<FNet>, "outputs" | "loss"> = {
  outputs: (model, golden, trace) => {
    const tokens = model.encode(inputsOf(golden), trace && { trace });
    return { last_hidden_state: tokens, pooler_output: model.pool(tokens) };
  },
  loss: (model, golden) => {
    const tokens = model.encode(inputsOf(golden));
    return add(mean(multiply(tokens, golden.tensor("weights"))), mean(model.pool(tokens)));
  },
};

const textOf = (golden: Golden): TextInput => ({ inputIds: golden.ids("input_ids"), attentionMask: golden.ids("attention_mask") });
const translation: Pick<ModelRow<Transformer>, "outputs"> = {
  outputs: (model, golden, trace) => ({
    memory: model.encode(textOf(golden)),
    logits: model.forward(textOf(golden), { inputIds: shiftRight(golden.ids("labels"), model.config) }, trace && { trace }),
  }),
};
const transformer: Pick<ModelRow<Transformer>, "kind" | "outputs" | "loss"> = {
  ...translation,
  kind: Transformer,
  loss: (model, golden) => model.loss(textOf(golden), golden.ids("labels")),
};
const marian: Pick<ModelRow<Marian>, "kind" | "outputs" | "loss"> = {
  ...translation,
  kind: Marian,
  loss: (model, golden) => model.loss(textOf(golden), golden.ids("labels"), { labelSmoothing: 0 }),
};

const [bert] = bertLayouts;
const times = (count: number, shape: readonly number[]): (readonly number[])[] => new Array<readonly number[]>(count).fill(shape);
const encoders = { hiddenStates: times(3, [2, 11, 24]), attentions: times(2, [2, 3, 11, 11]) };
/** FNet's pooler hears nothing of the loss of these heads. */
const withoutPooler = { targetModules: /.*\.layer\..*/ };
const [fNet] = fNetLayouts;
await describeModels({ goldenFolder, readGolden }, [
  { ...preTraining, name: "bert", kind: BertForPreTraining, layout: bert, trace: encoders },
  { ...classifier, name: "bert_masked_lm", kind: BertForMaskedLM, layout: bert, lora: { targetModules: /.*\.(query|dense)/ } },
  { ...classifier, name: "bert_next_sentence", kind: BertForNextSentencePrediction, layout: bert },
  { ...classifier, name: "bert_sequence", kind: BertForSequenceClassification, layout: bert, lora: { modulesToSave: ["classifier"] } },
  { ...classifier, name: "bert_token", kind: BertForTokenClassification, layout: bert },
  { ...answers, name: "bert_question", kind: BertForQuestionAnswering, layout: bert },
  { ...preTraining, name: "fnet", kind: FNetForPreTraining, layout: fNet, trace: { ...encoders, attentions: [] } },
  { ...classifier, name: "fnet_masked_lm", kind: FNetForMaskedLM, layout: fNet, lora: withoutPooler },
  { ...classifier, name: "fnet_next_sentence", kind: FNetForNextSentencePrediction, layout: fNet },
  { ...classifier, name: "fnet_sequence", kind: FNetForSequenceClassification, layout: fNet },
  { ...classifier, name: "fnet_token", kind: FNetForTokenClassification, layout: fNet, lora: withoutPooler },
  { ...answers, name: "fnet_question", kind: FNetForQuestionAnswering, layout: fNet, lora: withoutPooler },
  { ...encoder, name: "fnet_hybrid", kind: FNet, layout: fNet },
  { ...encoder, name: "fnet_linear", kind: FNet, layout: fNet },
  { ...transformer, name: "transformer", layout: transformerLayouts[0] },
  { ...transformer, name: "transformer_pre_norm", layout: transformerLayouts[1] },
  { ...marian, name: "marian", layout: marianLayouts[0], lora: { targetModules: ["q_proj", "v_proj"] } },
  { ...marian, name: "m2m_100", kind: M2M100, layout: m2m100Layouts[0], lora: { targetModules: ["q_proj", "fc1"] } },
  { ...marian, name: "m2m_100_untied", kind: M2M100, layout: m2m100Layouts[1], slopeTolerance: 0.05, changesNames: true },
  { ...marian, name: "marian_two_vocabularies", layout: marianLayouts[1] },
]);

describeSizes([
  ["BERT-Base", () => new Bert(bertPreset("BERT-Base"), new Rng(0)), 109_482_240],
  ["BERT-Base for pre-training", () => new BertForPreTraining(bertPreset("BERT-Base"), new Rng(0)), 110_106_428],
  ["BERT-Large", () => new Bert(bertPreset("BERT-Large"), new Rng(0)), 335_141_888],
  ["BERT-Large for pre-training", () => new BertForPreTraining(bertPreset("BERT-Large"), new Rng(0)), 336_226_108],
  ["BERT-Tiny", () => new Bert(bertPreset("BERT-Tiny"), new Rng(0)), 4_385_920],
  ["BERT-Mini", () => new Bert(bertPreset("BERT-Mini"), new Rng(0)), 11_170_560],
  ["BERT-Small", () => new Bert(bertPreset("BERT-Small"), new Rng(0)), 28_763_648],
  ["BERT-Medium", () => new Bert(bertPreset("BERT-Medium"), new Rng(0)), 41_373_184],
  ["distilbert-base-uncased", () => new DistilBert(distilBertPreset("distilbert-base-uncased"), new Rng(0)), 66_362_880],
  [
    "distilbert-base-multilingual-cased",
    () => new DistilBert(distilBertPreset("distilbert-base-multilingual-cased"), new Rng(0)),
    134_734_080,
  ],
  ["mpnet-base", () => new MPNet(mpNetPreset("mpnet-base"), new Rng(0)), 109_486_464],
  ["ModernBERT-base", () => new ModernBert(modernBertPreset("ModernBERT-base"), new Rng(0)), 149_014_272],
  ["ModernBERT-large", () => new ModernBert(modernBertPreset("ModernBERT-large"), new Rng(0)), 394_781_696],
  ["m2m100_418M", () => new M2M100(m2m100Preset("m2m100_418M"), new Rng(0)), 483_905_536],
  ["nllb-200-distilled-600M", () => new M2M100(m2m100Preset("nllb-200-distilled-600M"), new Rng(0)), 615_073_792],
  ["FNet-Base", () => new FNet(fNetPreset("FNet-Base"), new Rng(0)), 82_861_056],
  ["FNet-Base for pre-training", () => new FNetForPreTraining(fNetPreset("FNet-Base"), new Rng(0)), 83_486_722],
  ["FNet-Large", () => new FNet(fNetPreset("FNet-Large"), new Rng(0)), 236_945_408],
  ["FNet-Hybrid-Base", () => new FNet(fNetPreset("FNet-Hybrid-Base"), new Rng(0)), 82_861_056 + 2 * 4 * (768 * 768 + 768)],
  // Table 3 says about 65 and 213 million.
  ["Transformer base", () => new Transformer({ ...transformerDefaults, ...transformerPreset("base") }, new Rng(0)), 63_082_496],
  ["Transformer big", () => new Transformer({ ...transformerDefaults, ...transformerPreset("big") }, new Rng(0)), 214_245_376],
]);
