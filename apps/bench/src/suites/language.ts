/** One forward pass of language models, from ids to tokens, random weights; and what FNet says about cost. */
import { AdamW, add, backward, crossEntropy, intTensor, type Module, noGrad, scope } from "@x/layers";
import {
  BertEncoder,
  type BertConfig,
  bertDefaults,
  BertForPreTraining,
  bertPreset,
  DistilBert,
  distilBertPreset,
  Electra,
  electraDefaults,
  electraPreset,
  FNetForPreTraining,
  fNetPreset,
  M2M100,
  type M2M100Config,
  m2m100Defaults,
  m2m100Preset,
  ModernBert,
  type ModernBertConfig,
  modernBertDefaults,
  modernBertPreset,
  MPNet,
  mpNetPreset,
  Roberta,
  robertaPreset,
  type TextInput,
} from "@x/models-nlp";
import type { Case, Contender, Suite } from "../case.ts";
import { bertModel } from "../onnx/bert.ts";
import { m2m100Model } from "../onnx/m2m-100.ts";
import { modernBertModel } from "../onnx/modern-bert.ts";
import { type Weight, Weights } from "../weights.ts";

/** all-MiniLM-L6-v2's shape. */
const miniLM: Partial<BertConfig> = { hiddenSize: 384, numHiddenLayers: 6, numAttentionHeads: 12, intermediateSize: 1536 };

export const languageSuite: Suite = ({ quick }) =>
  quick
    ? [
        encoder("BERT, 1 layer", { ...miniLM, numHiddenLayers: 1, vocabSize: 100 }, 2, 8),
        ...kin.map(({ name, ...one }) => kinEncoder({ ...one, name: `${name}, 1 layer`, given: { ...one.given, ...tiny } }, 2, 8)),
        modernBert(
          "ModernBERT, 2 layers",
          { ...modernBertPreset("ModernBERT-base"), ...tiny, numHiddenLayers: 2, localAttention: 4, padTokenId: 0 },
          2,
          8,
        ),
        m2m100("M2M-100, 1 + 1 layers", { ...fewLayers(1), vocabSize: 100 }, [8, 6]),
      ]
    : [
        encoder("BERT-Base", bertPreset("BERT-Base"), 1, 128),
        encoder("BERT-Base", bertPreset("BERT-Base"), 1, 512),
        encoder("BERT-Base", bertPreset("BERT-Base"), 16, 128),
        encoder("MiniLM", miniLM, 1, 16),
        encoder("MiniLM", miniLM, 1, 128),
        encoder("MiniLM", miniLM, 16, 128),
        // BERT says as much about another runtime.
        ...kin.map((one) => ({ ...kinEncoder(one, 1, 128), thorough: true })),
        { ...modernBert("ModernBERT-Base", modernBertPreset("ModernBERT-base"), 1, 128), thorough: true },
        m2m100("M2M-100 418M, 4 + 4 layers", { ...fewLayers(4), vocabSize: 8000 }, [64, 64]),
      ];

const tiny = { numHiddenLayers: 1, vocabSize: 100 };

/** BERT's kin: one of each, which differ in where its positions begin, and in what its attention adds to scores. */
interface Kin {
  readonly name: string;
  readonly given: Partial<TextEncoderConfig>;
  readonly firstPosition: number;
  readonly make: (given: Partial<TextEncoderConfig>) => Promise<TextEncoder>;
  readonly transformersJs: HubModel;
}

interface HubModel {
  readonly model_type: string;
  readonly architectures: readonly string[];
}

type TextEncoderConfig = Omit<BertConfig, "modelType" | "typeVocabSize">;
type EncodesTexts<Config> = Module & Pick<BertEncoder, "encode"> & { readonly config: Config };
type TextEncoder = EncodesTexts<TextEncoderConfig> & { readonly positionBias?: MPNet["positionBias"] };

const kin: readonly Kin[] = [
  {
    name: "RoBERTa-Base",
    given: robertaPreset("roberta-base"),
    firstPosition: 2,
    make: (given) => Roberta.fromConfig(given),
    transformersJs: { model_type: "roberta", architectures: ["RobertaModel"] },
  },
  {
    name: "DistilBERT-Base",
    given: distilBertPreset("distilbert-base-uncased"),
    firstPosition: 0,
    make: (given) => DistilBert.fromConfig(given),
    transformersJs: { model_type: "distilbert", architectures: ["DistilBertModel"] },
  },
  {
    name: "MPNet-Base",
    given: mpNetPreset("mpnet-base"),
    firstPosition: 2,
    make: (given) => MPNet.fromConfig(given),
    transformersJs: { model_type: "mpnet", architectures: ["MPNetModel"] },
  },
  {
    name: "ELECTRA-Small",
    given: { ...electraDefaults, ...electraPreset("electra-small-discriminator") },
    firstPosition: 0,
    make: (given) => Electra.fromConfig(given),
    transformersJs: { model_type: "electra", architectures: ["ElectraModel"] },
  },
];

function encoder(name: string, given: Partial<BertConfig>, batch: number, length: number): Case {
  const transformersJs = { model_type: "bert", architectures: ["BertModel"] };
  return kinEncoder({ name, given, firstPosition: 0, make: (config) => BertEncoder.fromConfig(config), transformersJs }, batch, length);
}

function kinEncoder({ name, given, firstPosition, make, transformersJs }: Kin, batch: number, length: number): Case {
  const { numHiddenLayers, hiddenSize, intermediateSize } = { ...bertDefaults, ...given };
  const perToken = 2 * (4 * hiddenSize ** 2 + 2 * hiddenSize * intermediateSize + 2 * length * hiddenSize);
  return textCase({
    name,
    flopsPerToken: numHiddenLayers * perToken,
    dims: [batch, length],
    make: () => make(given),
    onnx: (model, weights) => bertModel(model.config, weights, batch, length, { firstPosition, ...biasOf(model, length) }),
    transformersJs,
  });
}

/** Every token's attention counts as if it saw all the others. */
function modernBert(name: string, given: Partial<ModernBertConfig>, batch: number, length: number): Case {
  const { numHiddenLayers, hiddenSize, intermediateSize } = { ...modernBertDefaults, ...given };
  const perToken = 2 * (4 * hiddenSize ** 2 + 3 * hiddenSize * intermediateSize + 2 * length * hiddenSize);
  return textCase({
    name,
    flopsPerToken: numHiddenLayers * perToken,
    dims: [batch, length],
    make: () => ModernBert.fromConfig(given),
    onnx: (model, weights) => modernBertModel(model.config, weights, batch, length),
    transformersJs: { model_type: "modernbert", architectures: ["ModernBertModel"] },
  });
}

/** M2M-100's width with fewer words than its 128 112, and this many layers of its 12 on either side: copies of the whole wouldn't fit beside each other. */
const fewLayers = (count: number): Partial<M2M100Config> => ({
  ...m2m100Preset("m2m100_418M"),
  encoderLayers: count,
  decoderLayers: count,
});

/** Logits of `targets` tokens at once, from a text of `length`. */
function m2m100(name: string, given: Partial<M2M100Config>, [length, targets]: readonly [length: number, targets: number]): Case {
  const config = { ...m2m100Defaults, ...given, decoderVocabSize: given.vocabSize ?? m2m100Defaults.vocabSize };
  const { dModel, encoderLayers, decoderLayers, encoderFfnDim, decoderFfnDim, vocabSize } = config;
  const encoding = length * (4 * dModel ** 2 + 2 * dModel * encoderFfnDim + 2 * length * dModel);
  const decoding = targets * (6 * dModel ** 2 + 2 * dModel * decoderFfnDim + 2 * (targets + length) * dModel) + length * 2 * dModel ** 2;
  return {
    name: `${name}, ${length} → ${targets} tokens`,
    flops: 2 * (encoderLayers * encoding + decoderLayers * decoding + targets * dModel * vocabSize),
    tolerance: 1e-4,
    thorough: true,
    prepare: async () => {
      const model = await M2M100.fromConfig(config);
      const weights = new Weights(model);
      const [text, output] = [length, targets].map((count, i) => idsOf([1, count], vocabSize, i));
      if (!text || !output) throw new Error("unreachable");
      const inputs = { input_ids: onnxIds(text), decoder_input_ids: onnxIds(output) };
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => scope(() => model.forward(inputOf(text), inputOf(output)).toTypedArray())),
          dispose: () => model.dispose(),
        },
        onnx: { inputs, model: () => m2m100Model(model.config, weights, length, targets) },
      };
    },
  };
}

/** An encoder on texts without padding. */
interface Text<Model extends Module> {
  readonly name: string;
  readonly flopsPerToken: number;
  readonly dims: readonly [batch: number, length: number];
  readonly make: () => Promise<Model>;
  readonly onnx: (model: Model, weights: Weights) => Uint8Array<ArrayBuffer>;
  readonly transformersJs: HubModel;
}

function textCase<Model extends EncodesTexts<{ readonly vocabSize: number }>>({
  name,
  flopsPerToken,
  dims,
  make,
  onnx,
  transformersJs,
}: Text<Model>): Case {
  const [batch, length] = dims;
  return {
    name: `${name}, ${batch} × ${length} tokens`,
    flops: batch * length * flopsPerToken,
    tolerance: 1e-4,
    costs: [
      { title: `${name}, batch ${batch}`, axis: "tokens", size: length, of: name },
      { title: `${name}, ${length} tokens`, axis: "batch", size: batch, of: name },
    ],
    thorough: batch * length > 128,
    prepare: async () => {
      const model = await make();
      const weights = new Weights(model);
      const { vocabSize } = model.config;
      const ids = idsOf(dims, vocabSize);
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => model.encode(inputOf(ids)).toTypedArray()),
          dispose: () => model.dispose(),
        },
        onnx: { inputs: { input_ids: onnxIds(ids) }, model: () => onnx(model, weights) },
        transformersJs: { config: { ...transformersJs } },
      };
    },
  };
}

interface Ids {
  readonly dims: readonly [batch: number, length: number];
  readonly data: Int32Array<ArrayBuffer>;
}

/** No special token's. */
const idsOf = (dims: Ids["dims"], vocabSize: number, first = 0): Ids => ({
  dims,
  data: Int32Array.from({ length: dims[0] * dims[1] }, (_, i) => 5 + (((first + i) * 7919) % (vocabSize - 5))),
});
const inputOf = ({ dims, data }: Ids): TextInput => ({ inputIds: intTensor(data, dims) });
const onnxIds = ({ dims, data }: Ids) => ({ dims, data: BigInt64Array.from(data, BigInt) });

/** What attention adds to its scores, if it does: (1, heads, N, N). */
function biasOf({ positionBias }: TextEncoder, length: number): { readonly scoreBias?: Weight } {
  if (!positionBias) return {};
  using bias = noGrad(() => positionBias.forward(length)); // (heads, N, N)
  return { scoreBias: { dims: [1, ...bias.shape], data: bias.toTypedArray() } };
}

/** FNet §4.2: a pre-training step (MLM and next sentence, AdamW) beside BERT's at equal size, by number of tokens. */
export const languageClaimsSuite: Suite = ({ quick }) =>
  (quick ? [16] : [128, 512, 1024, 2048]).map((length) => preTrainingStep(length, quick));

function preTrainingStep(length: number, quick: boolean): Case {
  const size = quick ? { hiddenSize: 32, numHiddenLayers: 1, intermediateSize: 64, numAttentionHeads: 2 } : {};
  const shared = { vocabSize: quick ? 100 : 8000, maxPositionEmbeddings: length, hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 };
  return {
    name: `FNet-Base pre-training step, ${length} tokens`,
    tolerance: 1,
    costs: [{ title: "A pre-training step, batch 1", axis: "tokens", size: length, of: "FNet-Base" }],
    thorough: true,
    prepare: async () => {
      const [fNet, bert] = [
        await FNetForPreTraining.fromConfig({ ...fNetPreset("FNet-Base"), ...shared, ...size }),
        await BertForPreTraining.fromConfig({ ...bertPreset("BERT-Base"), ...shared, ...size }),
      ];
      return { ours: step("ours", fNet, length), baselines: [step("self BERT-Base", bert, length)] };
    },
  };
}

function step(name: string, model: BertForPreTraining | FNetForPreTraining, length: number): Contender {
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-5 });
  const ids = (of: (i: number) => number) =>
    intTensor(
      Int32Array.from({ length }, (_, i) => of(i)),
      [1, length],
    );
  return {
    name,
    run: () =>
      scope(() => {
        const text: TextInput = { inputIds: ids((i) => 5 + ((i * 31) % 90)) };
        const { wordLogits, nextSentenceLogits } = model.train().forward(text);
        const labels = ids((i) => (i % 7 === 0 ? i % 90 : -100));
        backward(add(crossEntropy(wordLogits, labels), crossEntropy(nextSentenceLogits, intTensor([1]))));
        optimizer.step();
        optimizer.zeroGrad();
        return undefined;
      }),
    dispose: () => {
      optimizer.dispose();
      model.dispose();
    },
  };
}
