import {
  camelCaseKeys,
  type Choices,
  checkModelType,
  configFrom,
  type Family,
  hubConfigOf,
  hubKeys,
  type JsonObject,
  type KeyTable,
  labelsFrom,
  numLabelsOf,
  openPretrained,
  type PretrainedFiles,
  type WeightLayout,
} from "@x/layers/model";
import { tokenizerPart } from "../tokenizer/pretrained-tokenizer.ts";
import type { TextEncoderConfig } from "./config.ts";
import { scoreActivationJson, scoreActivationPart } from "./score-activation.ts";
import { classifierHead, poolerAndHeads, type TextEncoderModel } from "./text-encoder.ts";

export interface TextFamilyOptions<Config> {
  /** What it is called: `RoBERTa`. */
  readonly model: string;
  /** What `config.json` may call it. Default: what `defaults` do. */
  readonly modelTypes?: readonly string[] | undefined;
  readonly defaults: Config;
  /** Settings that are one of a few words. Default: none. */
  readonly choices?: Choices<Config> | undefined;
  /** What `config.json` may say besides settings. Default: what every model's may. */
  readonly keys?: Partial<Omit<KeyTable, "file">> | undefined;
  /** Entries that are one where the output layer for words is tied: see `Family.ties`. */
  readonly ties?: readonly (readonly [name: string, other: string])[] | undefined;
  layouts(config: Config): readonly [savedAs: WeightLayout, ...others: WeightLayout[]];
  /** Settings that `config.json` says in another way. Default: none. */
  settingsOf?(json: JsonObject): JsonObject;
  /** What Hugging Face's library calls settings, in camelCase, where it isn't the field's name: `{ dim: "hiddenSize" }`. */
  readonly names?: Readonly<Record<string, string>> | undefined;
}

/** What BERT's and RoBERTa's files may ask for in vain. */
export const absolutePositions: TextFamilyOptions<TextEncoderConfig>["keys"] = {
  refused: { position_embedding_type: { unless: ["absolute"], because: "only absolute positions are here" } },
};

/** A kind of text encoder as Hugging Face's library has it. Heads that a class doesn't have are passed over. */
export function textEncoderFamily<Config extends TextEncoderConfig>(
  options: TextFamilyOptions<Config>,
): Family<Config, TextEncoderModel<Config>> {
  return {
    open: openPretrained,
    keys: hubKeys(options.model, { ...options.defaults, ...renamed(options.defaults, inverse(options.names)) }, options.keys),
    configFrom: (files) => textConfigFrom(options, files),
    hubConfig: (model) => ({
      ...hubConfigOf(renamed(model.config, inverse(options.names)), model.architecture, model.config.modelType),
      ...scoreActivationJson(model),
    }),
    ties: options.ties,
    layouts: options.layouts,
    head: { ...classifierHead, classes: (names) => classifierHead.classes(names) as Partial<Config> },
    mayBeMissing: poolerAndHeads,
    parts: [tokenizerPart, scoreActivationPart],
  };
}

function textConfigFrom<Config extends TextEncoderConfig>(
  { model, defaults, modelTypes = [defaults.modelType], names, choices, settingsOf }: TextFamilyOptions<Config>,
  { config: json, checkpoint: { entries, label } }: PretrainedFiles,
): Config {
  checkModelType(model, json["model_type"] ?? defaults.modelType, modelTypes, label);
  const classifier = entries.get("classifier.out_proj.weight") ?? entries.get("classifier.weight");
  const named = { ...renamed(camelCaseKeys(json), names), ...settingsOf?.(json) };
  const known: JsonObject = { ...named, id2label: labelsFrom(json["id2label"], classifier?.shape[0] ?? numLabelsOf(json) ?? 2) };
  return configFrom<Config>(defaults, known, choices);
}

/** The same values, those keys that `names` has under its names. */
const renamed = <Value extends object>(object: Value, names: Readonly<Record<string, string>> = {}): Value =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [names[key] ?? key, value])) as Value;

const inverse = (names: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [name, key]));
