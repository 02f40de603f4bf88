import { type Module, openCheckpoint } from "@x/layers";
import {
  type Family,
  type FamilyPart,
  type FileContent,
  loadModule,
  notesOf,
  openPretrained,
  type PretrainedFiles,
  weightsOf,
} from "@x/layers/model";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import type { TextEncoder } from "../text-encoder/text-encoder.ts";
import { tokenizerPart } from "../tokenizer/pretrained-tokenizer.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { SentenceEncoderConfig } from "./config.ts";
import { denseLayout } from "./dense.ts";
import { encoderFamilyOf, modelTypeOf } from "./encoders.ts";
import { poolingKeys, settingsKeys, transformerKeys } from "./module-keys.ts";
import { moduleFiles } from "./module-files.ts";
import { readModules, type SentenceModules } from "./modules.ts";

/** The encoder lies where `modules.json` says. */
interface SentenceFiles extends PretrainedFiles {
  readonly modules: SentenceModules;
}

/** What reading and saving need of a model. */
interface SentenceModel {
  readonly config: SentenceEncoderConfig;
  readonly encoder: TextEncoder<TextEncoderConfig>;
  readonly dense: readonly Module[];
  readonly lowerCases: boolean;
  tokenizer: Tokenizer | undefined;
  notes: readonly string[];
}

/** The tokenizer, which lower-cases where the modules say so. */
const sentenceTokenizerPart: FamilyPart<SentenceModel> = {
  ...tokenizerPart,
  async read(model, files, options) {
    await tokenizerPart.read(model, files, options);
    if (model.lowerCases) model.tokenizer = model.tokenizer?.lowerCased();
  },
};

/** The JSON files of the modules, and the weights of those after pooling. */
const modulesPart: FamilyPart<SentenceModel, SentenceFiles> = {
  properties: [],
  keys: {
    "config_sentence_transformers.json": settingsKeys,
    "sentence_bert_config.json": transformerKeys,
    "1_Pooling/config.json": poolingKeys,
  },
  async read(model, { modules }, options) {
    for (const [i, folder] of modules.dense.entries()) {
      const layer = model.dense[i];
      if (!layer) continue;
      const recipe = { initialize: () => layer.initialize(options.rng) };
      const report = await loadModule(layer, await openCheckpoint(folder), [denseLayout], options, recipe);
      model.notes = [...model.notes, ...notesOf(report).map((note) => `${folder.label}: ${note}`)];
    }
  },
  async files({ config, dense }) {
    const { encodeSafetensors, tensorsToSave } = await import("@x/layers/save");
    const weights: [string, FileContent][] = [];
    for (const [i, layer] of dense.entries()) {
      const file = encodeSafetensors(tensorsToSave(weightsOf(layer), denseLayout));
      weights.push([`${i + 2}_Dense/model.safetensors`, new Uint8Array(await file.arrayBuffer())]);
    }
    return [...moduleFiles(config), ...weights];
  },
};

/** Sentence encoders as sentence-transformers has them. */
export const sentenceEncoderFamily: Family<SentenceEncoderConfig, SentenceModel, SentenceFiles> = {
  async open(source, options) {
    const modules = await readModules(source);
    return { ...(await openPretrained(modules.transformer, options)), modules, notes: modules.notes };
  },
  keys(config) {
    const { keys } = encoderFamilyOf(modelTypeOf(config));
    return typeof keys === "function" ? keys(config) : keys;
  },
  async configFrom(files) {
    return { ...(await encoderFamilyOf(modelTypeOf(files.config)).configFrom(files)), ...files.modules.settings };
  },
  hubConfig: ({ encoder }) => encoderFamilyOf(encoder.config.modelType).hubConfig(encoder),
  layouts: (config) => encoderFamilyOf(config.modelType).layouts(config),
  adapterLayouts: (config) =>
    encoderFamilyOf(config.modelType)
      .layouts(config)
      .map((layout) => {
        const lines = Object.entries(layout.table).map(([path, key]) => [`encoder.${path}`, key] as const);
        return { ...layout, table: Object.fromEntries(lines) };
      }),
  weights: ({ encoder }) => encoder,
  parts: [sentenceTokenizerPart, modulesPart],
};
