/** What a sentence-transformers repository says about its model: `modules.json` and the folders that it names. */
import {
  CheckpointError,
  checkKeys,
  type FileSource,
  isJsonObject,
  type Json,
  type JsonObject,
  type KeyTable,
  readJson,
  subfolder,
} from "@x/layers";
import { denseKeys, modulesKeys, normalizeKeys, poolingKeys, settingsKeys, transformerKeys } from "./module-keys.ts";
import { type PoolingMode, poolingModes } from "./pooling.ts";

/** A layer after pooling: (…, in) → (…, out). */
export interface DenseModule {
  readonly source: FileSource;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
  readonly activation: "identity" | "tanh" | "relu" | "gelu";
}

export interface SentenceModules {
  /** Where BERT lies. */
  readonly transformer: FileSource;
  readonly pooling: readonly PoolingMode[];
  /** Whether the tokens of a prompt are pooled with those of the text. */
  readonly includePrompt: boolean;
  readonly dense: readonly DenseModule[];
  readonly normalizes: boolean;
  /** Most tokens of a text; undefined: what the tokenizer says, or as many as there are positions. */
  readonly maxLength: number | undefined;
  /** Whether texts are lower-cased before the tokenizer sees them. */
  readonly lowerCases: boolean;
  /** What to put before a text by its use: `query`, `document`. */
  readonly prompts: Readonly<Record<string, string>>;
  /** What is put before a text where nothing is said. */
  readonly defaultPrompt: string | undefined;
  /** How many of a vector's numbers are given; undefined: all. */
  readonly truncateDim: number | undefined;
  /** Keys of its files that aren't known here. */
  readonly notes: readonly string[];
}

/** The order that modules stand in. Dropout does nothing, anywhere. */
const order = ["Transformer", "Pooling", "Dense", "Normalize"] as const;
type Kind = (typeof order)[number];

/** A module's settings: the JSON object of a file, checked against what it may say; empty when there is no such file. */
type Settings = (folder: FileSource, name: string, table: KeyTable) => Promise<JsonObject>;

/**
 * Without a `modules.json` it is sentence-transformers' usual: the mean of the tokens, not normalized.
 * @throws CheckpointError when there is a module, an order of modules or a setting that isn't known here
 */
export async function readModules(source: FileSource): Promise<SentenceModules> {
  const notes: string[] = [];
  const settings: Settings = async (folder, name, table) => {
    const json = (await readJson(folder, name)) ?? {};
    notes.push(...checkKeys(json, table, refusal(folder.label)));
    return json;
  };
  const modules: { -readonly [Field in keyof SentenceModules]: SentenceModules[Field] } = {
    pooling: ["mean"],
    includePrompt: true,
    dense: [],
    normalizes: false,
    notes,
    ...promptsFrom(await settings(source, "config_sentence_transformers.json", settingsKeys), source.label),
    ...(await transformerIn(source, settings)),
  };
  if (!(await source.has("modules.json"))) return modules;
  const found: Kind[] = [];
  for (const { kind, path } of modulesFrom(await source.readText("modules.json"), source.label)) {
    if (kind === "Dropout") continue;
    found.push(kind);
    const folder = path === "" ? source : subfolder(source, path);
    if (kind === "Transformer") Object.assign(modules, await transformerIn(folder, settings));
    if (kind === "Pooling") Object.assign(modules, poolingFrom(await settings(folder, "config.json", poolingKeys), folder.label));
    if (kind === "Dense") modules.dense = modules.dense.concat(denseFrom(await settings(folder, "config.json", denseKeys), folder));
    if (kind === "Normalize") {
      if (path !== "") await settings(folder, "config.json", normalizeKeys);
      modules.normalizes = true;
    }
  }
  if (/^Transformer, Pooling(, Dense)*(, Normalize)?$/.test(found.join(", "))) return modules;
  throw new CheckpointError("its modules stand in an order that isn't known here", {
    file: source.label,
    expected: "Transformer, Pooling, any number of Dense, and Normalize or not",
    found: found.join(", ") || "none",
  });
}

/** `[{ "type": "sentence_transformers.models.Pooling", "path": "1_Pooling" }, …]` */
function modulesFrom(text: string, file: string): { kind: Kind | "Dropout"; path: string }[] {
  let listed: Json;
  try {
    listed = JSON.parse(text) as Json;
  } catch (cause) {
    throw new CheckpointError("modules.json is not JSON", { file, cause });
  }
  if (!Array.isArray(listed)) throw new CheckpointError("modules.json is not a list", { file });
  return (listed as readonly Json[]).map((module) => {
    const [type, path] = isJsonObject(module) ? [module["type"], module["path"]] : [];
    if (!isJsonObject(module) || typeof type !== "string" || typeof path !== "string") {
      const found = JSON.stringify(module).slice(0, 100);
      throw new CheckpointError("modules.json should list modules with a type and a path", { file, found });
    }
    checkKeys(module, modulesKeys, refusal(file));
    const own = type.startsWith("sentence_transformers.") ? type.split(".").at(-1) : undefined;
    const kind = [...order, "Dropout" as const].find((known) => known === own);
    if (kind) return { kind, path };
    const expected = `sentence_transformers' ${order.join(", ")}, Dropout`;
    throw new CheckpointError("the repository has a module that isn't known here", { file, expected, found: type.slice(0, 100) });
  });
}

const refusal =
  (file: string) =>
  (message: string): CheckpointError =>
    new CheckpointError(message, { file });

function promptsFrom(config: JsonObject, file: string): Pick<SentenceModules, "prompts" | "defaultPrompt" | "truncateDim"> {
  const wrong = (key: string, expected: string): CheckpointError =>
    new CheckpointError(`config_sentence_transformers.json: ${key}`, { file, expected, found: JSON.stringify(config[key]).slice(0, 100) });
  const prompts = config["prompts"] ?? {};
  if (!isJsonObject(prompts) || !Object.values(prompts).every((text) => typeof text === "string"))
    throw wrong("prompts", "texts by their use");
  const name = config["default_prompt_name"] ?? undefined;
  const isUsual = name === "query" || name === "document"; // which sentence-transformers has everywhere, empty
  const named = typeof name === "string" && Object.hasOwn(prompts, name) ? String(prompts[name]) : undefined;
  if (name !== undefined && named === undefined && !isUsual)
    throw wrong("default_prompt_name", `one of ${Object.keys(prompts).join(", ")}`);
  const truncateDim = config["truncate_dim"] ?? undefined;
  if (truncateDim !== undefined && !isCount(truncateDim)) throw wrong("truncate_dim", "a whole number from 1 on");
  return { prompts: prompts as Readonly<Record<string, string>>, defaultPrompt: named, truncateDim };
}

/** Its settings had other names before there was one for all models. */
const transformerFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map(
  (name) => `sentence_${name}_config.json`,
);

async function transformerIn(
  folder: FileSource,
  settings: Settings,
): Promise<Pick<SentenceModules, "transformer" | "maxLength" | "lowerCases">> {
  let config: JsonObject = {};
  for (const name of transformerFiles) {
    if (Object.keys(config).length === 0 && (await folder.has(name))) config = await settings(folder, name, transformerKeys);
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
  return { transformer: folder, maxLength: most, lowerCases: flag(config, "do_lower_case", false, folder.label) };
}

const tokensOfText = '{"text":{"method":"forward","method_output_name":"last_hidden_state"}}';

const isCount = (value: Json): value is number => typeof value === "number" && Number.isInteger(value) && value >= 1 && value < 2 ** 31;

/** @throws CheckpointError when it is neither true nor false */
function flag(config: JsonObject, key: string, usual: boolean, file: string): boolean {
  const value = config[key] ?? usual;
  if (typeof value === "boolean") return value;
  throw new CheckpointError(key, { file, expected: "true or false", found: JSON.stringify(value).slice(0, 100) });
}

/** Earlier files have a switch for each mode, later ones name it. Where nothing is said it is the mean. */
function poolingFrom(config: JsonObject, file: string): Pick<SentenceModules, "pooling" | "includePrompt"> {
  const named = config["pooling_mode"] ?? undefined;
  const asked =
    named === undefined ? Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true) : [named].flat();
  const found = asked.map((name) => poolingModes.find((mode) => name === mode || name === switches[mode]));
  if (found.includes(undefined)) {
    throw new CheckpointError("the pooling isn't known here", { file, expected: poolingModes.join(", "), found: JSON.stringify(asked) });
  }
  const modes = found.filter((mode) => mode !== undefined);
  const inOrder = named === undefined ? poolingModes.filter((mode) => modes.includes(mode)) : modes;
  return { pooling: inOrder.length > 0 ? inOrder : ["mean"], includePrompt: flag(config, "include_prompt", true, file) };
}

const switches: Readonly<Record<PoolingMode, string>> = {
  cls: "pooling_mode_cls_token",
  max: "pooling_mode_max_tokens",
  mean: "pooling_mode_mean_tokens",
  mean_sqrt_len_tokens: "pooling_mode_mean_sqrt_len_tokens",
  weightedmean: "pooling_mode_weightedmean_tokens",
  lasttoken: "pooling_mode_lasttoken",
};

/** The activation's name is a class of PyTorch's; without one it is tanh. */
function denseFrom(config: JsonObject, source: FileSource): DenseModule {
  const name = config["activation_function"] ?? "torch.nn.modules.activation.Tanh";
  const file = source.label;
  const isOf = (kind: string): boolean => typeof name === "string" && name.startsWith("torch.") && name.toLowerCase().endsWith(`.${kind}`);
  const activation = (["identity", "tanh", "relu", "gelu"] as const).find(isOf);
  if (!activation)
    throw new CheckpointError("the dense layer's activation isn't known here", { file, found: JSON.stringify(name).slice(0, 100) });
  const [inFeatures, outFeatures] = [config["in_features"] ?? null, config["out_features"] ?? null];
  if (!isCount(inFeatures) || !isCount(outFeatures)) {
    const found = JSON.stringify([inFeatures, outFeatures]).slice(0, 100);
    throw new CheckpointError("the dense layer's in_features and out_features", { file, expected: "whole numbers from 1 on", found });
  }
  return { source, inFeatures, outFeatures, bias: flag(config, "bias", true, file), activation };
}
