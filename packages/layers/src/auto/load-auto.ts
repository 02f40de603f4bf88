import { type FileSource, isFileSource } from "../files/file-source.ts";
import { readJson } from "../files/read-json.ts";
import { openSource, type SourceLocation } from "../files/source.ts";
import { loadPretrained, type PretrainedOptions } from "../pretrained/load-pretrained.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";
import type { AutoFamilies } from "./families.ts";
import { findClass } from "./find-class.ts";

/**
 * A model of the class that its files name. Of an adapter's folder: the base model that it names, with the adapter merged into its weights.
 * @param asked the head that is wanted. Default: what the files name
 * @throws CheckpointError as `findClass` and `loadPretrained` do
 */
export async function loadAuto<Heads, Head extends keyof Heads & string>(
  table: AutoFamilies<Heads>,
  asked: Head | undefined,
  where: SourceLocation | FileSource,
  options: PretrainedOptions = {},
): Promise<Heads[Head] & PretrainedModel<object>> {
  const source = isFileSource(where) ? where : await openSource(where, options);
  const adapter = await readJson(source, "adapter_config.json");
  if (adapter) return (await import("./load-adapted.ts")).loadAdapted(table, asked, source, adapter, options);
  const { Class } = await findClass(source, table, asked, options);
  return loadPretrained(Class, source, options);
}
