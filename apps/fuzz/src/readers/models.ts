/** What lies beside the weights of a model and is read with it: configs, processors, generation settings, adapters, sentence-transformers' modules. */
import { CLIP } from "@x/clip";
import { intTensor, LoRA, noGrad, scope } from "@x/layers";
import {
  Bert,
  BertForSequenceClassification,
  ColBERT,
  embedText,
  FNet,
  generate,
  Marian,
  rank,
  SentenceEncoder,
  Transformer,
} from "@x/models-nlp";
import { classify, ImageProcessor, MAE, MLPMixer, Swin, ViT } from "@x/models-vision";
import { oneOf } from "../draw.ts";
import { type Bytes, type Json, mutateBytes, mutateJson } from "../mutate.ts";
import { bytesOf, jsonOf, modelIn, named, type Reader, splitName, textOf, utf8 } from "../reader.ts";

type Files = ReadonlyMap<string, Bytes>;

/** Loads a model, runs it once where that is cheap, and frees it. */
export interface Kind {
  readonly folder: string;
  run(files: Files): Promise<void>;
}

const grey = { width: 8, height: 8, data: new Uint8Array(192) };

/** @param use what is done with the model */
const kind = <Model extends Disposable>(folder: string, load: (files: Files) => Promise<Model>, use?: (model: Model) => unknown): Kind => ({
  folder,
  async run(files) {
    using model = await load(files);
    await use?.(model);
  },
});

const looks = async (model: ViT | Swin): Promise<void> => {
  const pixels = [model.config.imageSize].flat().map(Number);
  if (Math.max(...pixels) <= 64) await classify(model, grey);
};
const reads = (model: Bert | FNet): void => {
  const inputIds = intTensor([[1, 2, 3]]);
  scope(() => void noGrad(() => model.encode({ inputIds })));
  inputIds.dispose();
};

export const kinds: readonly Kind[] = [
  kind("models-vision/golden/vit", (files) => ViT.fromPretrained(files), looks),
  kind("models-vision/golden/timm_vit", (files) => ViT.fromPretrained(files), looks),
  kind("models-vision/golden/deit_distilled", (files) => ViT.fromPretrained(files), looks),
  kind("models-vision/golden/dinov2", (files) => ViT.fromPretrained(files)),
  kind("models-vision/golden/mae", (files) => MAE.fromPretrained(files)),
  kind("models-vision/golden/swin", (files) => Swin.fromPretrained(files), looks),
  kind("models-vision/golden/timm_swin", (files) => Swin.fromPretrained(files), looks),
  kind("models-vision/golden/timm_mixer", (files) => MLPMixer.fromPretrained(files)),
  kind("models-nlp/golden/bert", (files) => Bert.fromPretrained(files), reads),
  kind("models-nlp/golden/bert_sequence", (files) => BertForSequenceClassification.fromPretrained(files)),
  kind("models-nlp/golden/fnet", (files) => FNet.fromPretrained(files), reads),
  kind("models-nlp/golden/transformer", (files) => Transformer.fromPretrained(files)),
  kind(
    "models-nlp/golden/marian",
    (files) => Marian.fromPretrained(files),
    async (model) => {
      using inputIds = intTensor([[1, 2, 0]]);
      await generate(model, { inputIds }, { maxLength: 8 });
    },
  ),
  kind("clip/golden/hugging_face", (files) => CLIP.fromPretrained(files)),
  kind("clip/golden/open_clip_vit", (files) => CLIP.fromPretrained(files)),
];

/** Inputs are a folder's name and the changed file. */
function beside(name: string, fileOf: (files: Files) => string | undefined): Reader {
  const known = kinds.map((one) => ({ one, files: modelIn(one.folder) })).filter(({ files }) => fileOf(files) !== undefined);
  return {
    name,
    next(draw) {
      const { one, files } = oneOf(draw, known);
      const json = JSON.parse(new TextDecoder().decode(files.get(fileOf(files) ?? ""))) as Json;
      return named(one.folder, textOf(mutateJson(draw, json)));
    },
    async read(input) {
      const [folder, content] = splitName(input);
      const found = known.find(({ one }) => one.folder === folder);
      if (found) await found.one.run(new Map(found.files).set(fileOf(found.files) ?? "", content));
    },
  };
}

export const configs = (): Reader =>
  beside("config.json", (files) => ["config.json", "open_clip_config.json"].find((name) => files.has(name)));
export const generationConfigs = (): Reader =>
  beside("generation_config.json", (files) => (files.has("generation_config.json") ? "generation_config.json" : undefined));

export function processors(): Reader {
  const half = [0.5, 0.5, 0.5];
  const seeds: readonly Json[] = [
    {
      image_processor_type: "ViTImageProcessor",
      do_resize: true,
      size: { height: 8, width: 8 },
      resample: 2,
      image_mean: half,
      image_std: half,
    },
    { image_processor_type: "CLIPImageProcessor", size: { shortest_edge: 8 }, do_center_crop: true, crop_size: { height: 8, width: 8 } },
    { feature_extractor_type: "ConvNextFeatureExtractor", size: { shortest_edge: 8 }, crop_pct: 0.875, rescale_factor: 0.004 },
    { pretrained_cfg: { input_size: [3, 8, 8], interpolation: "bicubic", crop_pct: 0.9, crop_mode: "center", mean: half, std: half } },
    { do_resize: true, size: 8, do_normalize: false, feature_extractor_type: "DeiTFeatureExtractor", crop_size: 8 },
  ];
  return {
    name: "preprocessor_config.json",
    next: (draw) => textOf(mutateJson(draw, oneOf(draw, seeds))),
    async read(input) {
      const processor = ImageProcessor.fromConfig(JSON.parse(new TextDecoder().decode(input)));
      using images = await processor.process(grey, { maxPixels: 1_000_000 });
      void images;
    },
  };
}

export function adapters(): Reader {
  const config = jsonOf("models-vision/golden/vit_lora/adapter_config.json");
  const weights = bytesOf("models-vision/golden/vit_lora/adapter_model.safetensors");
  const header = 8 + Number(new DataView(weights.buffer).getBigUint64(0, true));
  let model: Promise<ViT> | undefined;
  return {
    name: "adapter",
    next(draw) {
      const isConfig = draw() < 0.7;
      const content = isConfig ? textOf(mutateJson(draw, config)) : mutateBytes(draw, weights, 0, header);
      return named(isConfig ? "adapter_config.json" : "adapter_model.safetensors", content);
    },
    async read(input) {
      const [name, content] = splitName(input);
      const files = new Map([
        ["adapter_config.json", textOf(config)],
        ["adapter_model.safetensors", weights],
      ]).set(name, content);
      const adapter = await LoRA.fromPretrained(await (model ??= ViT.fromPretrained(modelIn("models-vision/golden/vit"))), files);
      try {
        adapter.merge();
        adapter.unmerge();
      } finally {
        adapter.detach();
      }
    },
  };
}

const vocabulary = utf8("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##a\n");
const module = (name: string): string => `sentence_transformers.models.${name}`;
const sentenceTexts: Readonly<Record<string, Json>> = {
  "modules.json": [
    { idx: 0, name: "0", path: "", type: module("Transformer") },
    { idx: 1, name: "1", path: "1_Pooling", type: module("Pooling") },
    { idx: 2, name: "2", path: "2_Normalize", type: module("Normalize") },
  ],
  "1_Pooling/config.json": { word_embedding_dimension: 24, pooling_mode_mean_tokens: true, pooling_mode_cls_token: false },
  "sentence_bert_config.json": { max_seq_length: 16, do_lower_case: false },
  "config_sentence_transformers.json": { prompts: { query: "a " }, default_prompt_name: null },
  "tokenizer_config.json": { model_max_length: 16, do_lower_case: true, pad_token: "[PAD]", cls_token: { content: "[CLS]" } },
  "special_tokens_map.json": { unk_token: "[UNK]" },
};

/** A sentence encoder's folder. */
export function sentenceFiles(): Map<string, Bytes> {
  const texts = Object.entries(sentenceTexts).map(([name, json]) => [name, textOf(json)] as const);
  return new Map([...modelIn("models-nlp/golden/bert"), ...texts, ["vocab.txt", vocabulary]]);
}

export function sentenceEncoders(): Reader {
  const whole = sentenceFiles();
  return {
    name: "sentence-transformers",
    next(draw) {
      const name = oneOf(draw, [...Object.keys(sentenceTexts), "vocab.txt"]);
      const json = sentenceTexts[name];
      return named(name, json === undefined ? mutateBytes(draw, vocabulary) : textOf(mutateJson(draw, json)));
    },
    async read(input) {
      const [name, content] = splitName(input);
      using model = await SentenceEncoder.fromPretrained(new Map(whole).set(name, content));
      await embedText(model, ["a b", "a"]);
    },
  };
}

/** A ColBERT's settings: what `artifact.metadata` says of texts, and its config. */
export function colbert(): Reader {
  const folder = "models-nlp/golden/colbert";
  const names = ["artifact.metadata", "config.json"];
  const whole = modelIn(folder).set("artifact.metadata", bytesOf(`${folder}/artifact.metadata`));
  return {
    name: "ColBERT",
    next(draw) {
      const name = oneOf(draw, names);
      const changed = textOf(mutateJson(draw, jsonOf(`${folder}/${name}`)));
      return named(name, draw() < 0.1 ? mutateBytes(draw, changed) : changed);
    },
    async read(input) {
      const [name, content] = splitName(input);
      using model = await ColBERT.fromPretrained(new Map(whole).set(name, content));
      await rank(model, "a b", ["a", "b a"]);
    },
  };
}
