import { openCheckpoint } from "../checkpoint/checkpoint.ts";
import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import type { FileSource } from "../files/file-source.ts";
import { isJsonObject, type JsonObject, readJson } from "../files/read-json.ts";
import { openSource } from "../files/source.ts";
import { parseAdapterConfig } from "../lora/adapter-config.ts";
import { LoRA } from "../lora/lora.ts";
import { loadPretrained, type PretrainedOptions } from "../pretrained/load-pretrained.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";
import type { AutoFamilies } from "./families.ts";
import { findClass } from "./find-class.ts";

/** Heads by PEFT's `task_type`. */
const heads: Readonly<Record<string, string>> = {
  SEQ_CLS: "ForSequenceClassification",
  TOKEN_CLS: "ForTokenClassification",
  QUESTION_ANS: "ForQuestionAnswering",
  SEQ_2_SEQ_LM: "ForConditionalGeneration",
  CAUSAL_LM: "ForCausalLM",
  FEATURE_EXTRACTION: "Model",
};

/**
 * The base model that an adapter's `adapter_config.json` names, with the adapter merged into its weights. Where the adapter has a head of its own, the classes
 * keep the names that the base has for so many; else they are LABEL_0…
 * @throws CheckpointError when the adapter names no base, or an address, which PEFT never does; and as `findClass`, `loadPretrained` and `LoRA.fromPretrained` do
 */
export async function loadAdapted<Heads, Head extends keyof Heads & string>(
  table: AutoFamilies<Heads>,
  asked: Head | undefined,
  source: FileSource,
  json: JsonObject,
  options: PretrainedOptions,
): Promise<Heads[Head] & PretrainedModel<object>> {
  const { file: _oneCheckpoint, labels: given, config, dtype, revision, ...shared } = options;
  const { baseModel, modulesToSave } = parseAdapterConfig(json, `${source.label}: adapter_config.json`);
  if (baseModel === undefined || /^\w+:\/\//.test(baseModel)) {
    const problem = "the adapter names no base model; load that, and the adapter onto it by LoRA.fromPretrained";
    throw new CheckpointError(problem, { file: source.label, found: baseModel === undefined ? undefined : quote(baseModel) });
  }
  const ofBase = { ...shared, revision: typeof json["revision"] === "string" ? json["revision"] : undefined };
  const base = await openSource(baseModel, ofBase);
  const { Class } = await findClass(base, table, asked ?? (heads[String(json["task_type"])] as Head | undefined), ofBase);
  const labels = given ?? (Class.family.head && (await labelsOf(source, base, modulesToSave)));
  const model = await loadPretrained(Class, base, { ...ofBase, config, dtype, labels });
  try {
    const lora = await LoRA.fromPretrained(model, source, { ...shared, revision });
    lora.merge();
    lora.detach();
    model.setRequiresGrad(true);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Names of the classes of a head that the adapter has whole; undefined where it has none. Of a head's matrices, the last has the fewest rows: one a class. */
async function labelsOf(adapter: FileSource, base: FileSource, modules: readonly string[]): Promise<readonly string[] | undefined> {
  const file = (await adapter.has("adapter_model.safetensors")) ? "adapter_model.safetensors" : "adapter_model.bin";
  const { entries } = await openCheckpoint(adapter, { file });
  const isHead = (name: string): boolean =>
    modules.some((module) => name.includes(`.${module}.`)) && name.endsWith(".weight") && !name.includes(".lora_");
  const rows = [...entries].flatMap(([name, { shape }]) => (isHead(name) ? [shape[0] ?? 0] : []));
  if (rows.length === 0) return undefined;
  const count = Math.min(...rows);
  const { id2label } = (await readJson(base, "config.json")) ?? {};
  const names = isJsonObject(id2label) ? Object.values(id2label).map(String) : [];
  return names.length === count ? names : Array.from({ length: count }, (_, id) => `LABEL_${id}`);
}
