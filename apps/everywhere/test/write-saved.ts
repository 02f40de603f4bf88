/**
 * Saves every class of models with every golden folder that has all of it, and what else users save, each with inputs and the outputs that it gives:
 * tools/reference/saved.py reads them with the libraries that the files are for. `node --conditions=@x/source write-saved.ts <folder>`
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { init, intTensor, LoRA, type LoRAOptions, noGrad, Tensor, tensor } from "@x/layers";
import type { PretrainedModel } from "@x/layers/model";
import { BertForSequenceClassification, embedText, Marian, SentenceEncoder, Tokenizer } from "@x/models-nlp";
import { MLPMixer, mlpMixerPreset, Swin, ViT } from "@x/models-vision";
import { load, pairs } from "./every-class.ts";

type Inputs = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>>;
type Model = PretrainedModel<object>;

const [, , out = "saved"] = process.argv;
const rows: object[] = [];

/** The numbers of a setting, of the model or of the encoder inside: one, or an image's height and width. */
const numbers = ({ config }: Model, name: string): readonly number[] => {
  const nested = [config, ...Object.values(config)].filter((one) => typeof one === "object" && one !== null);
  const found = nested.map((one) => [Reflect.get(one, name)].flat()).find(([first]) => typeof first === "number");
  return found ?? [];
};
const setting = (model: Model, name: string): number | undefined => numbers(model, name)[0];

const product = (shape: readonly number[]): number => shape.reduce((all, one) => all * one, 1);
const filled = (shape: readonly number[], of: (i: number) => number) => ({
  shape,
  values: Array.from({ length: product(shape) }, (_, i) => of(i)),
});

/** Pictures, ids, or both, as the model takes them. */
function inputsFor(model: Model): Inputs {
  const [height, width = height] = numbers(model, "imageSize");
  const sizes = [setting(model, "vocabSize"), setting(model, "decoderVocabSize")].filter((size) => size !== undefined);
  const vocabSize = sizes.length > 0 ? Math.min(...sizes) : undefined;
  const [channels, patchSize = 1] = [setting(model, "numChannels") ?? 3, setting(model, "patchSize")];
  const most = setting(model, "maxPositionEmbeddings") ?? Infinity;
  const length = Reflect.get(model.config, "mixer") === "linear" ? most : Math.min(8, most - 2);
  // Small ids are special tokens in many vocabularies, and the greatest one is CLIP's end.
  const ids = (count: number) =>
    filled([2, count], (i) => (i % count === count - 1 ? (vocabSize ?? 0) - 1 : 5 + ((7 * i) % ((vocabSize ?? 0) - 6))));
  return {
    ...(height !== undefined &&
      width !== undefined && { pixel_values: filled([2, channels, height, width], (i) => Math.sin(i / 7) + Math.cos(i / 31)) }),
    ...(model.constructor.name === "MAE" &&
      height !== undefined && { noise: filled([2, (height / patchSize) ** 2], (i) => ((i * 0.618) % 1) + 1e-3 * i) }),
    ...(vocabSize !== undefined && { input_ids: ids(length) }),
    ...("startDecoding" in model && { decoder_input_ids: ids(4) }),
  };
}

/** Every tensor among what `forward` gives, in order. */
function outputsOf(model: Model, inputs: Inputs): readonly number[][] {
  const floats = (name: string): Tensor[] => (inputs[name] ? [tensor(inputs[name].values, inputs[name].shape)] : []);
  const ids = (name: string): Tensor<"int32">[] => (inputs[name] ? [intTensor(inputs[name].values, inputs[name].shape)] : []);
  return noGrad(() => {
    const images = [...floats("pixel_values"), ...floats("noise")];
    const texts =
      images.length > 0 ? ids("input_ids") : [...ids("input_ids"), ...ids("decoder_input_ids")].map((inputIds) => ({ inputIds }));
    const run = Reflect.get(model, "forward") ?? Reflect.get(model, "encode");
    const result: unknown = Reflect.apply(run, model, [...images, ...texts]);
    const all = result instanceof Tensor ? [result] : Object.values(Object(result)).filter((value) => value instanceof Tensor);
    return all.map((value) => Array.from(value.data));
  });
}

async function write(name: string, model: Model, more: object = {}, inputs = inputsFor(model)): Promise<void> {
  const folder = `${rows.length}`;
  await mkdir(join(out, folder), { recursive: true });
  const outputs = outputsOf(model, inputs);
  await model.savePretrained(join(out, folder));
  rows.push({ name, kind: model.constructor.name, folder, inputs, outputs, ...more });
}

/** An adapter for the model that was written last. */
async function writeAdapter(name: string, model: Model, options: LoRAOptions): Promise<void> {
  using lora = LoRA.attach(model, options);
  for (const parameter of lora.parameters()) parameter.data.forEach((_, i) => (parameter.data[i] = 1.2 + 0.2 * Math.cos(i)));
  for (const [path, { data }] of lora.namedParameters()) if (path.includes("lora_A")) data.forEach((_, i) => (data[i] = 0.1 * Math.sin(i)));
  const adapter = `adapter-${rows.length}`;
  await lora.savePretrained(join(out, adapter));
  const inputs = inputsFor(model);
  rows.push({ name, kind: model.constructor.name, folder: `${rows.length - 1}`, adapter, inputs, outputs: outputsOf(model, inputs) });
}

await init();
for (const { kind, folder, files, complete } of await pairs()) {
  if (!complete || kind.name === "EncoderDecoder") continue; // which has no library's names for what it takes
  using model = await load(kind, files);
  await write(`${kind.name} of ${folder}`, model);
}

const small = { imageSize: 32, patchSize: 8, hiddenSize: 16, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 32 };
const labelled = { id2label: { 0: "a", 1: "b", 2: "c" } };
/** A fresh head of zeros would hide what is before it. */
const stirred = <M extends Model>(model: M): M => {
  for (const parameter of model.parameters())
    for (const [i, value] of parameter.toTypedArray().entries()) parameter.data[i] = value + 0.1 * Math.sin(i);
  return model;
};
{
  using counted = stirred(await ViT.fromConfig({ ...small, numLabels: 3 }));
  await write("ViT with labels by their count", counted);
  using manifold = stirred(await ViT.fromConfig({ ...small, ...labelled, problemType: "multi_label_classification" }));
  await write("ViT of several labels", manifold);
  using mean = stirred(await ViT.fromConfig({ ...small, ...labelled, pooling: "mean" }));
  await write("ViT, mean-pooled", mean);
  using swin = stirred(
    await Swin.fromConfig({ imageSize: 32, embedDim: 8, depths: [1, 1], numHeads: [1, 2], windowSize: 4, numLabels: 3 }),
  );
  await write("Swin with labels by their count", swin);
  using own = stirred(
    await MLPMixer.fromConfig({
      imageSize: 32,
      patchSize: 8,
      hiddenSize: 16,
      numHiddenLayers: 1,
      tokensMlpDim: 9,
      channelsMlpDim: 29,
      numLabels: 3,
    }),
  );
  await write("MLP-Mixer of its own size", own);
  using published = stirred(
    await MLPMixer.fromConfig({ ...mlpMixerPreset("Mixer-S/32"), imageSize: 64, tokensMlpDim: 7, channelsMlpDim: 33, numLabels: 3 }),
  );
  await write("MLP-Mixer of a published width and depth", published);

  using adapted = stirred(await ViT.fromConfig({ ...small, ...labelled }));
  using lora = LoRA.attach(adapted, { rank: 2, modulesToSave: ["classifier"] });
  for (const parameter of lora.parameters()) for (const i of parameter.data.keys()) parameter.data[i] = 0.1 * Math.cos(i);
  lora.merge();
  await write("ViT with a merged adapter", adapted);

  using seeing = stirred(await ViT.fromConfig({ ...small, ...labelled }));
  await write("ViT beneath a DoRA", seeing);
  await writeAdapter("a DoRA of ViT, its convolution adapted, too", seeing, {
    rank: 2,
    dora: true,
    targetModules: ["projection", "q_proj", "fc1"],
  });

  using reading = stirred(
    await BertForSequenceClassification.fromConfig({
      vocabSize: 40,
      hiddenSize: 16,
      numHiddenLayers: 1,
      numAttentionHeads: 2,
      intermediateSize: 24,
      ...labelled,
    }),
  );
  await write("BERT beneath an adapter", reading);
  await writeAdapter("an adapter of BERT's embeddings", reading, {
    rank: 2,
    targetModules: ["word_embeddings", "token_type_embeddings", "query"],
  });

  const marian = stirred(
    await Marian.fromConfig({
      vocabSize: 40,
      dModel: 16,
      encoderLayers: 1,
      decoderLayers: 1,
      encoderAttentionHeads: 2,
      decoderAttentionHeads: 2,
      encoderFfnDim: 24,
      decoderFfnDim: 24,
      padTokenId: 39,
      decoderStartTokenId: 39,
    }),
  );
  await write("Marian", marian);
  await writeAdapter("an adapter of Marian", marian, { rank: 2, targetModules: ["q_proj", "v_proj"] });
  marian.dispose();

  const words = "[PAD] [UNK] [CLS] [SEP] [MASK] hello paris world query : the in ##s ##o a b".split(" ");
  const vocabulary = {
    "vocab.txt": `${words.join("\n")}\n`,
    "tokenizer_config.json": '{"do_lower_case": false, "model_max_length": 12}',
    "config.json": '{"model_type": "bert"}',
  };
  const tokenizer = await Tokenizer.fromPretrained(
    new Map(Object.entries(vocabulary).map(([name, text]) => [name, new TextEncoder().encode(text)])),
  );
  const dense = { inFeatures: 32, outFeatures: 10, bias: true, activation: "tanh" } as const;
  for (const [name, settings] of Object.entries({
    "mean, normalised": {},
    "class token and maximum, a dense layer, prompts": {
      pooling: ["cls", "max"],
      dense: [dense],
      prompts: { query: "query : " },
      defaultPromptName: "query",
      normalizes: false,
    },
    "lower case, a length of 6, cut to 4 numbers": { lowerCases: true, maxLength: 6, truncateDim: 4 },
  } as const)) {
    using encoder = stirred(
      await SentenceEncoder.fromConfig({
        vocabSize: 16,
        hiddenSize: 16,
        numHiddenLayers: 1,
        numAttentionHeads: 2,
        intermediateSize: 24,
        maxPositionEmbeddings: 16,
        ...settings,
      }),
    );
    encoder.tokenizer = "lowerCases" in settings ? tokenizer.lowerCased() : tokenizer;
    const texts = ["hello paris", "the hellos in a world : hello hello", "HELLO b"];
    const vectors = await embedText(encoder, texts, { truncation: "first" });
    await write(`sentence encoder: ${name}`, encoder, { texts, vectors: vectors.map((vector) => Array.from(vector)) });
  }
}
await writeFile(join(out, "rows.json"), JSON.stringify(rows));
