/** Tiny models with random weights, under the names that the READMEs load from the hub. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIP, SigLIP } from "../../../packages/clip/src/index.ts";
import { Rng } from "../../../packages/layers/src/index.ts";
import { BertForMaskedLM, BertForQuestionAnswering, M2M100, Tokenizer } from "../../../packages/models-nlp/src/index.ts";
import { Swin, ViT } from "../../../packages/models-vision/src/index.ts";

export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const packages = join(import.meta.dirname, "../../../packages");

/** Files of some of the packages' folders, by name. */
async function filesIn(folder: string, names: readonly string[]): Promise<Files> {
  return new Map(await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const)));
}

/** What a model saves. */
async function saved(model: { savePretrained(folder: string): Promise<void>; dispose(): void }): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), "readme-model-"));
  try {
    await model.savePretrained(folder);
    return await filesIn(folder, await readdir(folder));
  } finally {
    model.dispose();
    await rm(folder, { recursive: true });
  }
}

const transformer = { hiddenSize: 16, intermediateSize: 32, numHiddenLayers: 2, numAttentionHeads: 2 };

/** Repositories by name. */
export async function tinyModels(): Promise<Readonly<Record<string, Files>>> {
  const rng = new Rng(7);
  const bertTokenizer = await Tokenizer.fromPretrained(await filesIn(join(packages, "models-nlp/golden/tasks"), ["vocab.txt"]));
  const bert = { ...transformer, vocabSize: 168, maxPositionEmbeddings: 128 };

  const vit = await ViT.fromConfig(
    { ...transformer, imageSize: 16, patchSize: 8, numLabels: 3, id2label: { 0: "cat", 1: "dog", 2: "bird" } },
    { rng },
  );
  const maskedLM = await BertForMaskedLM.fromConfig(bert, { rng });
  const questionAnswering = await BertForQuestionAnswering.fromConfig(bert, { rng });
  for (const model of [maskedLM, questionAnswering]) model.tokenizer = bertTokenizer;
  const clip = await CLIP.fromConfig(
    {
      projectionDim: 8,
      textConfig: { ...transformer, vocabSize: 3014, eosTokenId: 3013, maxPositionEmbeddings: 32, numHiddenLayers: 1 },
      visionConfig: { ...transformer, imageSize: 16, patchSize: 8, numHiddenLayers: 1 },
    },
    { rng },
  );
  clip.tokenizer = await Tokenizer.fromPretrained(await filesIn(join(packages, "clip-emoji/model"), ["vocab.json", "merges.txt"]));
  const siglip = await SigLIP.fromConfig(
    {
      textConfig: { ...transformer, vocabSize: 160, maxPositionEmbeddings: 64, numHiddenLayers: 1 },
      visionConfig: { ...transformer, imageSize: 16, patchSize: 8, numHiddenLayers: 1 },
    },
    { rng },
  );
  siglip.tokenizer = await Tokenizer.fromPretrained(
    await filesIn(join(packages, "clip/golden/siglip"), ["spiece.model", "tokenizer_config.json"]),
  );
  const swin = await Swin.fromConfig(
    { imageSize: 32, patchSize: 4, embedDim: 8, depths: [1, 1, 1, 1], numHeads: [1, 2, 2, 2], windowSize: 2, numLabels: 3 },
    { rng },
  );

  const nllb = await M2M100.fromConfig(
    { vocabSize: 48, dModel: 16, encoderLayers: 1, decoderLayers: 1, encoderFfnDim: 32, decoderFfnDim: 32, maxPositionEmbeddings: 64 },
    { rng },
  );
  nllb.tokenizer = await Tokenizer.fromPretrained(await languagesOf("NLLB"));

  const rerank = join(packages, "models-nlp/golden/rerank");
  const maskedLMFiles = await saved(maskedLM);
  return {
    "google/vit-base-patch16-224": await saved(vit),
    "google-bert/bert-base-uncased": maskedLMFiles,
    "deepset/bert-base-cased-squad2": await saved(questionAnswering),
    "sentence-transformers/all-MiniLM-L6-v2": new Map([...maskedLMFiles, ...sentenceModules]),
    "BAAI/bge-reranker-base": await filesIn(rerank, ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]),
    "facebook/nllb-200-distilled-600M": await saved(nllb),
    "openai/clip-vit-base-patch32": await saved(clip),
    "google/siglip-base-patch16-224": await saved(siglip),
    "microsoft/swin-tiny-patch4-window7-224": await saved(swin),
  };
}

/** A tokenizer's files from the goldens. */
async function languagesOf(name: string): Promise<Files> {
  const text = await readFile(join(packages, "models-nlp/golden/tokenizers/languages.json"), "utf8");
  const cases = JSON.parse(text) as readonly { readonly name: string; readonly files: Readonly<Record<string, object>> }[];
  const { files = {} } = cases.find((one) => one.name === name) ?? {};
  return new Map(Object.entries(files).map(([file, json]) => [file, new TextEncoder().encode(JSON.stringify(json))]));
}

/** What makes a sentence encoder of a BERT: all-MiniLM-L6-v2's own files, but for the lengths. */
const sentenceModules: Files = new Map(
  Object.entries({
    "modules.json": [
      { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
      { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
      { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.models.Normalize" },
    ],
    "sentence_bert_config.json": { max_seq_length: 64, do_lower_case: false },
    "1_Pooling/config.json": { word_embedding_dimension: transformer.hiddenSize, pooling_mode_mean_tokens: true },
  }).map(([name, json]) => [name, new TextEncoder().encode(JSON.stringify(json))]),
);
