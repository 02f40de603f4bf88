/** What a sentence-transformers repository says about its model: `modules.json` and the folders that it names, both ways. */
import { CheckpointError } from "@x/layers";
import { type FileSource, isJsonObject, type Json, type JsonObject, jsonText, parseJson, readJson, subfolder } from "@x/layers/model";
import type { DenseConfig, SentenceEncoderConfig } from "./config.ts";
import { type PoolingMode, poolingModes } from "./pooling.ts";

/** A layer after pooling, and where its weights lie. */
export interface DenseModule {
  readonly source: FileSource;
  readonly layer: DenseConfig;
}

export interface SentenceModules {
  /** Where BERT lies. */
  readonly transformer: FileSource;
  readonly pooling: readonly PoolingMode[];
  readonly dense: readonly DenseModule[];
  readonly normalizes: boolean;
  /** Most tokens of a text; undefined: as many as there are positions. */
  readonly maxLength: number | undefined;
  /** What to put before a text by its use: `query`, `document`. */
  readonly prompts: Readonly<Record<string, string>>;
}

/**
 * Without a `modules.json` it is sentence-transformers' usual: the mean of the tokens, not normalized.
 * @throws CheckpointError when there is a module that isn't known here
 */
export async function readModules(source: FileSource): Promise<SentenceModules> {
  const settings = await readJson(source, "config_sentence_transformers.json");
  const prompts = Object.fromEntries(Object.entries((settings?.["prompts"] ?? {}) as JsonObject).map(([use, text]) => [use, String(text)]));
  const modules: { -readonly [Field in keyof SentenceModules]: SentenceModules[Field] } = {
    transformer: source,
    pooling: ["mean"],
    dense: [],
    normalizes: false,
    maxLength: undefined,
    prompts,
  };
  if (!(await source.has("modules.json"))) return modules;
  for (const { type, path } of modulesIn(await source.readText("modules.json"), source)) {
    const folder = path === "" ? source : subfolder(source, path);
    const kind = type.split(".").at(-1);
    if (kind === "Transformer") {
      const limits = (await readJson(folder, "sentence_bert_config.json")) ?? {};
      const most = limits["max_seq_length"];
      modules.transformer = folder;
      modules.maxLength = typeof most === "number" ? most : undefined;
    } else if (kind === "Pooling") {
      modules.pooling = poolingFrom((await readJson(folder, "config.json")) ?? {}, folder.label);
    } else if (kind === "Dense") {
      modules.dense = modules.dense.concat(denseFrom((await readJson(folder, "config.json")) ?? {}, folder));
    } else if (kind === "Normalize") {
      modules.normalizes = true;
    } else if (kind !== "Dropout") {
      throw new CheckpointError("the repository has a module that isn't known here", {
        file: source.label,
        expected: "Transformer, Pooling, Dense, Dropout, Normalize",
        found: type,
      });
    }
  }
  return modules;
}

/** @throws CheckpointError when the text isn't a list of modules */
function modulesIn(text: string, { label: file }: FileSource): { readonly type: string; readonly path: string }[] {
  const { modules } = parseJson(`{"modules":${text}}`, "modules.json", { label: file });
  if (!Array.isArray(modules)) throw new CheckpointError("modules.json is not a list", { file });
  return modules.map((module: Json) => {
    if (isJsonObject(module) && typeof module["type"] === "string" && typeof module["path"] === "string") {
      return { type: module["type"], path: module["path"] };
    }
    throw new CheckpointError("a module in modules.json has no type or no path", { file, found: JSON.stringify(module) });
  });
}

/** Earlier files have a switch for each mode, later ones name it. */
function poolingFrom(config: JsonObject, file: string): readonly PoolingMode[] {
  const named = config["pooling_mode"];
  const wanted = typeof named === "string" ? [named] : Array.isArray(named) ? named.map(String) : undefined;
  const found = poolingModes.filter((mode) => (wanted ? wanted.includes(mode) : config[switches[mode]] === true));
  if (found.length > 0 && (!wanted || wanted.length === found.length)) return wanted ? (wanted as PoolingMode[]) : found;
  throw new CheckpointError("the pooling isn't known here", { file, expected: poolingModes.join(", "), found: JSON.stringify(config) });
}

const switches: Readonly<Record<PoolingMode, string>> = {
  cls: "pooling_mode_cls_token",
  mean: "pooling_mode_mean_tokens",
  max: "pooling_mode_max_tokens",
  mean_sqrt_len_tokens: "pooling_mode_mean_sqrt_len_tokens",
  weightedmean: "pooling_mode_weightedmean_tokens",
  lasttoken: "pooling_mode_lasttoken",
};

function denseFrom(config: JsonObject, source: FileSource): DenseModule {
  const name = String(config["activation_function"] ?? "Tanh")
    .split(".")
    .at(-1)
    ?.toLowerCase();
  const activation = (["identity", "tanh", "relu", "gelu"] as const).find((known) => known === name);
  if (!activation) throw new CheckpointError("the dense layer's activation isn't known here", { file: source.label, found: String(name) });
  const [inFeatures, outFeatures] = [Number(config["in_features"]), Number(config["out_features"])];
  return { source, layer: { inFeatures, outFeatures, bias: config["bias"] !== false, activation } };
}

/** The files that say what stands on BERT, as every version of sentence-transformers reads them. Dense layers' weights lie beside their `config.json`. */
export function moduleFiles({
  hiddenSize,
  pooling,
  dense,
  normalizes,
  maxLength,
  prompts,
}: SentenceEncoderConfig): [name: string, text: string][] {
  const modes = Object.entries(switches).map(([mode, key]) => [key, pooling.some((wanted) => wanted === mode)] as const);
  const folders: (readonly [type: string, settings: object])[] = [
    ["Pooling", { word_embedding_dimension: hiddenSize, ...Object.fromEntries(modes), include_prompt: true }],
    ...dense.map((layer) => ["Dense", denseJson(layer)] as const),
    ...(normalizes ? [["Normalize", {}] as const] : []),
  ];
  const named = folders.map(([type, settings], i) => ({ type, path: `${i + 1}_${type}`, settings }));
  const modules = [{ type: "Transformer", path: "" }, ...named].map(({ type, path }, idx) => ({
    idx,
    name: String(idx),
    path,
    type: `sentence_transformers.models.${type}`,
  }));
  return [
    ["modules.json", jsonText(modules)],
    ["sentence_bert_config.json", jsonText({ max_seq_length: maxLength, do_lower_case: false })],
    ["config_sentence_transformers.json", jsonText({ prompts, default_prompt_name: null, similarity_fn_name: "cosine" })],
    ...named.map(({ path, settings }): [string, string] => [`${path}/config.json`, jsonText(settings)]),
  ];
}

const activationNames = { identity: "linear.Identity", tanh: "activation.Tanh", relu: "activation.ReLU", gelu: "activation.GELU" } as const;

const denseJson = ({ inFeatures, outFeatures, bias, activation }: DenseConfig): JsonObject => ({
  in_features: inFeatures,
  out_features: outFeatures,
  bias,
  activation_function: `torch.nn.modules.${activationNames[activation]}`,
});
