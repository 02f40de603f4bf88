/** What a sentence-transformers repository says about its model: `modules.json` and the folders that it names. */
import { CheckpointError } from "@x/layers";
import {
  checkKeys,
  type FileSource,
  isJsonObject,
  type Json,
  type JsonObject,
  type KeyTable,
  parseJson,
  readJson,
  subfolder,
} from "@x/layers/model";
import { type DenseConfig, isPromptName, type SentenceSettings, similarityFunctions } from "./config.ts";
import { denseKeys, modulesKeys, normalizeKeys, poolingKeys, poolingSwitches, settingsKeys, transformerKeys } from "./module-keys.ts";
import { poolingModes } from "./pooling.ts";

export interface SentenceModules {
  /** Where BERT lies. */
  readonly transformer: FileSource;
  readonly settings: SentenceSettings;
  /** Where the weights of the dense layers lie. */
  readonly dense: readonly FileSource[];
  /** Keys of its files that aren't known here. */
  readonly notes: readonly string[];
}

/** The order that modules stand in. Dropout does nothing, anywhere. */
const order = ["Transformer", "Pooling", "Dense", "Normalize"] as const;
type Kind = (typeof order)[number];

/** Reads the JSON object of a file, checked against what it may say; empty when there is no such file. */
type Reader = (folder: FileSource, name: string, table: KeyTable) => Promise<JsonObject>;

/**
 * Without a `modules.json` it is sentence-transformers' usual: the mean of the tokens, not normalized.
 * @throws CheckpointError when there is a module, an order of modules or a setting that isn't known here
 */
export async function readModules(source: FileSource): Promise<SentenceModules> {
  const notes: string[] = [];
  const read: Reader = async (folder, name, table) => {
    const json = (await readJson(folder, name)) ?? {};
    notes.push(...checkKeys(json, table, refusal(folder.label)));
    return json;
  };
  const said = settingsFrom(await read(source, "config_sentence_transformers.json", settingsKeys), source.label);
  const modules = (await source.has("modules.json"))
    ? modulesFrom(await source.readText("modules.json"), source)
    : [{ kind: "Transformer" as const, path: "" }];
  let [transformer, texts] = [source, usualTexts];
  let pooled = usualPooling;
  const dense: { readonly folder: FileSource; readonly layer: DenseConfig }[] = [];
  for (const { kind, path } of modules) {
    const folder = path === "" ? source : subfolder(source, path);
    if (kind === "Transformer") [transformer, texts] = [folder, await textsFrom(folder, read)];
    if (kind === "Pooling") pooled = poolingFrom(await read(folder, "config.json", poolingKeys), folder.label);
    if (kind === "Dense") dense.push({ folder, layer: denseFrom(await read(folder, "config.json", denseKeys), folder.label) });
    if (kind === "Normalize" && path !== "") await read(folder, "config.json", normalizeKeys);
  }
  const normalizes = modules.some(({ kind }) => kind === "Normalize");
  const settings = { ...said, ...texts, ...pooled, dense: dense.map(({ layer }) => layer), normalizes };
  return { transformer, settings, dense: dense.map(({ folder }) => folder), notes };
}

/** `[{ "type": "sentence_transformers.models.Pooling", "path": "1_Pooling" }, …]` */
function modulesFrom(text: string, { label: file }: FileSource): { readonly kind: Kind; readonly path: string }[] {
  const { modules: listed } = parseJson(`{"modules":${text}}`, "modules.json", { label: file });
  if (!Array.isArray(listed)) throw new CheckpointError("modules.json is not a list", { file });
  const modules = listed.flatMap((module: Json) => {
    const [type, path] = isJsonObject(module) ? [module["type"], module["path"]] : [];
    if (!isJsonObject(module) || typeof type !== "string" || typeof path !== "string") {
      const found = JSON.stringify(module).slice(0, 100);
      throw new CheckpointError("modules.json should list modules with a type and a path", { file, found });
    }
    checkKeys(module, modulesKeys, refusal(file));
    const own = type.startsWith("sentence_transformers.") ? type.split(".").at(-1) : undefined;
    if (own === "Dropout") return [];
    const kind = order.find((known) => known === own);
    if (kind) return [{ kind, path }];
    const expected = `sentence_transformers' ${order.join(", ")}, Dropout`;
    throw new CheckpointError("the repository has a module that isn't known here", { file, expected, found: type.slice(0, 100) });
  });
  const found = modules.map(({ kind }) => kind).join(", ");
  if (/^Transformer, Pooling(, Dense)*(, Normalize)?$/.test(found)) return modules;
  const expected = "Transformer, Pooling, any number of Dense, and Normalize or not";
  throw new CheckpointError("its modules stand in an order that isn't known here", { file, expected, found: found || "none" });
}

const refusal =
  (file: string) =>
  (message: string): CheckpointError =>
    new CheckpointError(message, { file });

type Settings = Pick<SentenceSettings, "prompts" | "defaultPromptName" | "truncateDim" | "similarityFnName">;

function settingsFrom(config: JsonObject, file: string): Settings {
  const wrong = (key: string, expected: string): CheckpointError =>
    new CheckpointError(`config_sentence_transformers.json: ${key}`, { file, expected, found: JSON.stringify(config[key]).slice(0, 100) });
  const prompts = config["prompts"] ?? {};
  if (!isTexts(prompts)) throw wrong("prompts", "texts by their use");
  const name = config["default_prompt_name"] ?? undefined;
  if (name !== undefined && !(typeof name === "string" && isPromptName(name, prompts)))
    throw wrong("default_prompt_name", `one of ${Object.keys(prompts).join(", ")}`);
  const truncateDim = config["truncate_dim"] ?? undefined;
  if (truncateDim !== undefined && !isCount(truncateDim)) throw wrong("truncate_dim", "a whole number from 1 on");
  const similarity = config["similarity_fn_name"] ?? "cosine";
  const similarityFnName = similarityFunctions.find((known) => known === similarity);
  if (!similarityFnName) throw wrong("similarity_fn_name", similarityFunctions.join(", "));
  return { prompts, defaultPromptName: name, truncateDim, similarityFnName };
}

const isTexts = (json: Json): json is Readonly<Record<string, string>> =>
  isJsonObject(json) && Object.values(json).every((text) => typeof text === "string");

/** Its settings had other names before there was one for all models. */
const transformerFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map(
  (name) => `sentence_${name}_config.json`,
);

type Texts = Pick<SentenceSettings, "maxLength" | "lowerCases">;
const usualTexts: Texts = { maxLength: undefined, lowerCases: false };

/** What happens to texts before BERT sees them. */
async function textsFrom(folder: FileSource, read: Reader): Promise<Texts> {
  let config: JsonObject = {};
  for (const name of transformerFiles) {
    if (Object.keys(config).length === 0 && (await folder.has(name))) config = await read(folder, name, transformerKeys);
  }
  const most = config["max_seq_length"] ?? undefined;
  if (most !== undefined && !isCount(most)) {
    throw new CheckpointError("max_seq_length", { file: folder.label, expected: "a whole number from 1 on", found: JSON.stringify(most) });
  }
  const streams = config["modality_config"] ?? undefined;
  if (streams !== undefined && JSON.stringify(streams) !== tokensOfText) {
    const found = JSON.stringify(streams).slice(0, 200);
    throw new CheckpointError("modality_config asks for more than the vectors of a text's tokens", {
      file: folder.label,
      expected: tokensOfText,
      found,
    });
  }
  return { maxLength: most, lowerCases: flag(config, "do_lower_case", usualTexts.lowerCases, folder.label) };
}

const tokensOfText = '{"text":{"method":"forward","method_output_name":"last_hidden_state"}}';

const isCount = (value: Json): value is number => typeof value === "number" && Number.isInteger(value) && value >= 1 && value < 2 ** 31;

/** @throws CheckpointError when it is neither true nor false */
function flag(config: JsonObject, key: string, usual: boolean, file: string): boolean {
  const value = config[key] ?? usual;
  if (typeof value === "boolean") return value;
  throw new CheckpointError(key, { file, expected: "true or false", found: JSON.stringify(value).slice(0, 100) });
}

type Pooling = Pick<SentenceSettings, "pooling" | "includePrompt">;
const usualPooling: Pooling = { pooling: ["mean"], includePrompt: true };

/** Earlier files have a switch for each mode, later ones name it. */
function poolingFrom(config: JsonObject, file: string): Pooling {
  const named = config["pooling_mode"] ?? undefined;
  const asked =
    named === undefined ? Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true) : [named].flat();
  const found = asked.map((name) => poolingModes.find((mode) => name === mode || name === poolingSwitches[mode]));
  if (found.includes(undefined)) {
    throw new CheckpointError("the pooling isn't known here", { file, expected: poolingModes.join(", "), found: JSON.stringify(asked) });
  }
  const modes = found.filter((mode) => mode !== undefined);
  const inOrder = named === undefined ? poolingModes.filter((mode) => modes.includes(mode)) : modes;
  return {
    pooling: inOrder.length > 0 ? inOrder : usualPooling.pooling,
    includePrompt: flag(config, "include_prompt", usualPooling.includePrompt, file),
  };
}

/** The activation's name is a class of PyTorch's; without one it is tanh. */
function denseFrom(config: JsonObject, file: string): DenseConfig {
  const name = config["activation_function"] ?? "torch.nn.modules.activation.Tanh";
  const isOf = (kind: string): boolean => typeof name === "string" && name.startsWith("torch.") && name.toLowerCase().endsWith(`.${kind}`);
  const known = ["identity", "tanh", "relu", "gelu", "sigmoid", "silu"] as const;
  const activation = known.find(isOf);
  if (!activation) {
    const found = JSON.stringify(name).slice(0, 100);
    throw new CheckpointError("the dense layer's activation isn't known here", { file, expected: `PyTorch's ${known.join(", ")}`, found });
  }
  const [inFeatures, outFeatures] = [config["in_features"] ?? null, config["out_features"] ?? null];
  if (!isCount(inFeatures) || !isCount(outFeatures)) {
    const found = JSON.stringify([inFeatures, outFeatures]).slice(0, 100);
    throw new CheckpointError("the dense layer's in_features and out_features", { file, expected: "whole numbers from 1 on", found });
  }
  return { inFeatures, outFeatures, bias: flag(config, "bias", true, file), activation };
}
