/** Adapters that come in a folder of their own, and name the model that they are for. */
import { openCheckpoint } from "../checkpoint/checkpoint.ts";
import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import type { FileSource } from "../files/file-source.ts";
import { isJsonObject, readJson, requireJson } from "../files/read-json.ts";
import { openSource, type SourceOptions } from "../files/source.ts";
import { parseAdapterConfig } from "../lora/adapter-config.ts";
import { LoRA } from "../lora/lora.ts";
import type { PretrainedClass, PretrainedFiles } from "../pretrained/family.ts";
import { loadPretrained, type PretrainedOptions } from "../pretrained/load-pretrained.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";

export interface Adapter {
  readonly source: FileSource;
  /** The base model's files. */
  readonly base: FileSource;
  /** What `task_type` says; undefined where it says nothing. */
  readonly head: string | undefined;
  /** Modules that it has whole. */
  readonly modulesToSave: readonly string[];
}

/** Heads by PEFT's `task_type`. */
const heads: Readonly<Record<string, string>> = {
  SEQ_CLS: "ForSequenceClassification",
  TOKEN_CLS: "ForTokenClassification",
  QUESTION_ANS: "ForQuestionAnswering",
  SEQ_2_SEQ_LM: "ForConditionalGeneration",
  CAUSAL_LM: "ForCausalLM",
  FEATURE_EXTRACTION: "Model",
};

/** @throws CheckpointError when it is no LoRA, or names no base, or an address, which PEFT never does */
export async function openAdapter(source: FileSource, options: SourceOptions): Promise<Adapter> {
  const json = await requireJson(source, "adapter_config.json");
  const { baseModel, modulesToSave } = parseAdapterConfig(json, `${source.label}: adapter_config.json`);
  if (baseModel === undefined || /^\w+:\/\//.test(baseModel)) {
    const problem = "the adapter names no base model; load that, and the adapter onto it by LoRA.fromPretrained";
    throw new CheckpointError(problem, { file: source.label, found: baseModel === undefined ? undefined : quote(baseModel) });
  }
  const revision = typeof json["revision"] === "string" ? json["revision"] : undefined;
  const base = await openSource(baseModel, { ...options, revision, subfolder: undefined });
  return { source, base, head: heads[String(json["task_type"])], modulesToSave };
}

/**
 * The base model with the adapter merged into its weights. Where the adapter has a head of its own, the classes keep the names that the base has for so
 * many; else they are LABEL_0…
 * @throws CheckpointError as `loadPretrained` and `LoRA.fromPretrained` do
 */
export async function loadAdapted<Model extends PretrainedModel<object>>(
  Class: PretrainedClass<object, object, Model, PretrainedFiles>,
  adapter: Adapter,
  { file: _oneCheckpoint, rename, labels: given, config, dtype, ignoreMismatched, ...shared }: PretrainedOptions,
): Promise<Model> {
  const labels = given ?? (Class.family.head && (await labelsOf(adapter)));
  const model = await loadPretrained(Class, adapter.base, { ...shared, rename, config, dtype, ignoreMismatched, labels });
  try {
    const lora = await LoRA.fromPretrained(model, adapter.source, shared);
    model.notes = [...model.notes, ...lora.notes];
    lora.merge();
    lora.detach();
    model.setRequiresGrad(true);
    if (labels) model.unfilled = []; // the adapter's head is there now
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Names of the classes of a head that the adapter has whole; undefined where it has none. Of a head's matrices, the last has the fewest rows: one a class. */
async function labelsOf({ source, base, modulesToSave }: Adapter): Promise<readonly string[] | undefined> {
  const file = (await source.has("adapter_model.safetensors")) ? "adapter_model.safetensors" : "adapter_model.bin";
  const { entries } = await openCheckpoint(source, { file });
  const isOfHead = (name: string): boolean =>
    name.endsWith(".weight") && !name.includes(".lora_") && modulesToSave.some((module) => name.includes(`.${module}.`));
  const rows = [...entries].flatMap(([name, { shape }]) => (isOfHead(name) ? [shape[0] ?? 0] : []));
  if (rows.length === 0) return undefined;
  const count = Math.min(...rows);
  const { id2label } = (await readJson(base, "config.json")) ?? {};
  const names = isJsonObject(id2label) ? Object.values(id2label).map(String) : [];
  return names.length === count ? names : Array.from({ length: count }, (_, id) => `LABEL_${id}`);
}
