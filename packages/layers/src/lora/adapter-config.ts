/** PEFT's `adapter_config.json`. https://huggingface.co/docs/peft/package_reference/lora#peft.LoraConfig */
import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import type { Json, JsonObject } from "../files/read-json.ts";
import { checkKeys, type KeyTable, type Refusal } from "../formats/known-keys.ts";

export interface AdapterConfig {
  /** r */
  readonly rank: number;
  /** α */
  readonly alpha: number;
  readonly dropout: number;
  /** Whether outputs are scaled by α / √r in place of α / r. Kalajdzievski 2023. */
  readonly rslora: boolean;
  /** Whether features' lengths are learned by themselves. Liu et al. 2024. */
  readonly dora: boolean;
  /** undefined where the file has an expression, or leaves modules out by other rules: then the weights tell. */
  readonly targetModules: readonly string[] | undefined;
  readonly modulesToSave: readonly string[];
  /** Other ranks and alphas, by module names of which the last parts are enough; `^` before a whole name. */
  readonly rankPattern: ReadonlyMap<string, number>;
  readonly alphaPattern: ReadonlyMap<string, number>;
  /** The base model's name on the hub. */
  readonly baseModel: string | undefined;
  /** What the file says in vain. */
  readonly notes: readonly string[];
}

const another: Refusal = { unless: [false], because: "it is another method than LoRA and DoRA" };

/** What the file may say. */
export const adapterKeys: KeyTable = {
  file: "adapter_config.json",
  followed: [
    [
      "peft_type",
      "task_type",
      "base_model_name_or_path",
      "revision",
      "r",
      "lora_alpha",
      "lora_dropout",
      "use_rslora",
      "use_dora",
      "rank_pattern",
    ],
    ["alpha_pattern", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "modules_to_save", "init_lora_weights"],
  ].flat(),
  passedOver: {
    "it says who wrote the file, and how": ["auto_mapping", "peft_version", "inference_mode", "runtime_config"],
    "it says how the matrices began, and the file has what became of them": [
      "eva_config",
      "corda_config",
      "lora_ga_config",
      "loftq_config",
    ],
    "linear layers' weights are never transposed, as PEFT finds, too": ["fan_in_fan_out"],
    "it only matters to what is refused": ["megatron_core", "qalora_group_size"],
    "it only changes the way back": ["velora_config"],
  },
  refused: {
    use_qalora: another,
    use_bdlora: another,
    kasa_config: another,
    monteclora_config: another,
    arrow_config: another,
    alora_invocation_tokens: { because: "an adapter is at work on all tokens" },
    bias: { unless: ["none"], because: "biases stay the base model's" },
    lora_bias: { unless: [false], because: "B has no bias" },
    layer_replication: { because: "layers aren't repeated" },
    trainable_token_indices: { because: "single rows of embeddings aren't trained" },
    target_parameters: { because: "layers are adapted, not single parameters" },
    megatron_config: { because: "layers aren't spread over machines" },
    ensure_weight_tying: { unless: [false], because: "matrices that are one stay one only in the model" },
  },
};

/** Ways to begin that change the base model's weights too, so that the file alone isn't enough. */
const changesBase = /^(pissa|olora|corda|loftq|lora_ga)/;

/** @throws CheckpointError when a value isn't of its kind, or the adapter is more than LoRA or DoRA: what it has besides is named */
export function parseAdapterConfig(json: JsonObject, file: string): AdapterConfig {
  const fields = new Fields(json, file);
  if (json["peft_type"] !== "LORA") throw fields.wrong("peft_type", '"LORA"');
  const notes = checkKeys(json, adapterKeys, (message) => new CheckpointError(message, { file }));
  const begun = json["init_lora_weights"];
  if (typeof begun === "string" && changesBase.test(begun)) {
    const problem = `the adapter was begun by ${quote(begun)}, which changes the base model too; save it as a plain LoRA with PEFT first`;
    throw new CheckpointError(problem, { file });
  }
  const byOtherRules =
    typeof json["target_modules"] === "string" || !isEmpty(json["exclude_modules"]) || !isEmpty(json["layers_to_transform"]);
  const { base_model_name_or_path: baseModel } = json;
  return {
    rank: fields.number("r", rank) ?? 8,
    alpha: fields.number("lora_alpha", anyNumber) ?? 8,
    dropout: fields.number("lora_dropout", probability) ?? 0,
    rslora: fields.flag("use_rslora"),
    dora: fields.flag("use_dora"),
    targetModules: byOtherRules ? undefined : fields.names("target_modules"),
    modulesToSave: fields.names("modules_to_save") ?? [],
    rankPattern: fields.pattern("rank_pattern", rank),
    alphaPattern: fields.pattern("alpha_pattern", anyNumber),
    baseModel: typeof baseModel === "string" ? baseModel : undefined,
    notes,
  };
}

/** What PEFT reads; what isn't here is as PEFT has it by default. */
export function adapterConfigJson(config: AdapterConfig): JsonObject {
  return {
    peft_type: "LORA",
    task_type: null,
    base_model_name_or_path: config.baseModel ?? null,
    inference_mode: true,
    r: config.rank,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    use_rslora: config.rslora,
    use_dora: config.dora,
    target_modules: config.targetModules ?? [],
    modules_to_save: config.modulesToSave.length > 0 ? config.modulesToSave : null,
    rank_pattern: Object.fromEntries(config.rankPattern),
    alpha_pattern: Object.fromEntries(config.alphaPattern),
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: true,
  };
}

/** A module's own rank or alpha, if a pattern has one for it. */
export function patternFor(patterns: ReadonlyMap<string, number>, name: string): number | undefined {
  for (const [pattern, value] of patterns) {
    if (pattern.startsWith("^") ? pattern.slice(1) === name : `.${name}`.endsWith(`.${pattern}`)) return value;
  }
  return undefined;
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

interface NumberKind {
  readonly name: string;
  readonly fits: (value: number) => boolean;
}

const anyNumber: NumberKind = { name: "a number", fits: Number.isFinite };
const rank: NumberKind = { name: "a whole number from 1 on", fits: (value) => Number.isSafeInteger(value) && value > 0 };
const probability: NumberKind = { name: "a number from 0 to below 1", fits: (value) => value >= 0 && value < 1 };

/** A JSON object's values, checked. null counts as absent. */
class Fields {
  readonly #json: JsonObject;
  readonly #file: string;

  constructor(json: JsonObject, file: string) {
    this.#json = json;
    this.#file = file;
  }

  wrong(key: string, expected: string): CheckpointError {
    return new CheckpointError(`${key} is wrong`, { file: this.#file, expected, found: quote(JSON.stringify(this.#json[key] ?? null)) });
  }

  number(key: string, kind: NumberKind): number | undefined {
    const value = this.#json[key] ?? undefined;
    if (value === undefined || (typeof value === "number" && kind.fits(value))) return value;
    throw this.wrong(key, kind.name);
  }

  flag(key: string): boolean {
    const value = this.#json[key] ?? false;
    if (typeof value === "boolean") return value;
    throw this.wrong(key, "true or false");
  }

  names(key: string): readonly string[] | undefined {
    const value = this.#json[key] ?? undefined;
    if (value === undefined || (Array.isArray(value) && value.every((name) => typeof name === "string"))) return value;
    throw this.wrong(key, "a list of names");
  }

  /** Numbers by module names. PEFT's names may be expressions, which a file shouldn't make anybody run. */
  pattern(key: string, kind: NumberKind): ReadonlyMap<string, number> {
    const found = this.#json[key] ?? {};
    if (typeof found !== "object" || Array.isArray(found)) throw this.wrong(key, "an object");
    return new Map(
      Object.entries(found).map(([name, value]) => {
        if (!/^\^?[\w.-]+$/.test(name)) throw this.wrong(key, "plain names of modules");
        if (typeof value !== "number" || !kind.fits(value)) throw this.wrong(key, `${kind.name} for every module`);
        return [name, value];
      }),
    );
  }
}
