import { type CheckpointOptions, openCheckpoint } from "../checkpoint/checkpoint.ts";
import { NamePattern } from "../checkpoint/name-pattern.ts";
import { CheckpointError, listed } from "../files/checkpoint-error.ts";
import type { FileSource } from "../files/file-source.ts";
import { type JsonObject, readJson, requireJson } from "../files/read-json.ts";
import type { PretrainedClass, PretrainedFiles } from "../pretrained/family.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";
import type { Adapter } from "./adapter.ts";
import type { AutoClasses, AutoFamilies } from "./families.ts";

export interface FoundClass<Model, Head> {
  /** The `model_type`, or what the table calls files that come without one. */
  readonly family: string;
  readonly head: Head;
  readonly Class: PretrainedClass<object, object, Model & PretrainedModel<object>, PretrainedFiles>;
  /** Where its files lie: the place that was given, or the base of the adapter that lies there. */
  readonly source: FileSource;
  readonly adapter?: Adapter | undefined;
}

/**
 * The class of a checkpoint, by what lies beside it. Only the beginning of the weights is read, and that only where no `config.json` tells. Of an adapter
 * the class of its base.
 * @param asked the head that is wanted. Default: what an adapter's `task_type`, else `architectures` in `config.json` names
 * @throws CheckpointError when the family isn't in the table, or has no such head: it says what is known
 */
export async function findClass<Heads, Head extends keyof Heads & string>(
  given: FileSource,
  table: AutoFamilies<Heads>,
  asked: Head | undefined,
  options: CheckpointOptions = {},
): Promise<FoundClass<Heads[Head], Head>> {
  const adapter = (await given.has("adapter_config.json")) ? await (await import("./adapter.ts")).openAdapter(given, options) : undefined;
  const source = adapter?.base ?? given;
  const config = (await readJson(source, "config.json")) ?? {};
  const wanted = asked ?? adapter?.head;
  const byFile = wanted === undefined ? await familyByFile(source, headOf(config), table) : undefined;
  const family = byFile ?? (await familyOf(source, config, table, options));
  const classes: AutoClasses<Heads> = (await table.families[family]?.()) ?? {};
  const isKnown = (head: string): head is Head => Object.hasOwn(classes, head);
  const head = wanted ?? (byFile === undefined ? headOf(config) : undefined) ?? Object.keys(classes)[0] ?? "";
  const Class = isKnown(head) ? classes[head] : undefined;
  if (isKnown(head) && Class) return { family, head, Class: Class as FoundClass<Heads[Head], Head>["Class"], source, adapter };
  throw new CheckpointError(`of the models called ${family} there is none with this head`, {
    file: source.label,
    expected: listed(Object.keys(classes)),
    found: head,
  });
}

async function familyByFile<Heads>(
  source: FileSource,
  head: string | undefined,
  { files = {} }: AutoFamilies<Heads>,
): Promise<string | undefined> {
  for (const [file, { family, unless }] of Object.entries(files))
    if ((unless === undefined || unless !== head) && (await source.has(file)))
      return typeof family === "string" ? family : family(await requireJson(source, file));
  return undefined;
}

async function familyOf<Heads>(
  source: FileSource,
  config: JsonObject,
  { families, entries = {} }: AutoFamilies<Heads>,
  options: CheckpointOptions,
): Promise<string> {
  const { model_type: type, architecture } = config;
  const unknown = (file: string, found: string): CheckpointError =>
    new CheckpointError("this kind of model isn't known here", { file, expected: `model_type ${listed(Object.keys(families))}`, found });
  if (typeof type === "string") {
    if (Object.hasOwn(families, type)) return type;
    throw unknown(source.label, `model_type ${type.slice(0, 100)}`);
  }
  const checkpoint = await openCheckpoint(source, options);
  const names = [...checkpoint.entries.keys()];
  const isThere = (text: string): boolean => {
    const pattern = new NamePattern(text);
    return names.some((name) => pattern.match(name) !== undefined);
  };
  const [, family] = Object.entries(entries).find(([pattern]) => isThere(pattern)) ?? [];
  if (family !== undefined) return family;
  const told = typeof architecture === "string" ? `architecture ${architecture.slice(0, 100)}` : "no model_type";
  throw unknown(checkpoint.label, `${told}, and entries ${listed(names.slice(0, 5))}`);
}

/** `["BertForMaskedLM"]` → `ForMaskedLM`. Marian's library calls its head `MTModel`. */
function headOf({ architectures }: JsonObject): string | undefined {
  const [name] = Array.isArray(architectures) ? architectures : [];
  const [head] = (typeof name === "string" && /For[A-Z]\w*$|(MT)?Model\w*$/.exec(name)) || [];
  return head === "MTModel" ? "ForConditionalGeneration" : head;
}
